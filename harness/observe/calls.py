"""All AWS calls in a scenario, as one flat list: calls from functions and from state machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from harness.functions.shared.model import Call, Invocation
from harness.functions.shared.payloads import bucket_of_call
from harness.functions.shared.sizes import cut
from harness.observe.match_invocations import matching_tasks
from harness.observe.model import Run, SeenCall, parsed
from harness.observe.tasks import Task, track


class _Order(NamedTuple):
    """The sort key for calls. It is the same in every run, regardless of process speed."""

    at: datetime
    execution: int  # index of the run; calls without a run come last
    invocation: int  # the event that scheduled it, or the index of the invocation
    number: int  # 0 for the state machine's own call, then the calls from the function that it invoked


def calls(
    runs: Sequence[Run], invocations: Sequence[Invocation], functions: Mapping[str, str]
) -> tuple[SeenCall, ...]:
    """Return all calls, sorted by time, then by task, then by order within the task.

    `functions` maps deployed names to logical IDs.
    """
    executions = [execution for run in runs for execution in run.executions]
    places = {execution.arn: place for place, execution in enumerate(executions)}
    tasks = [task for execution in executions for task in track(execution).tasks]
    found: list[tuple[_Order, SeenCall]] = []
    for task in tasks:
        call = task_call(task, functions)
        found.append((_Order(call.at, places[task.execution.arn], task.scheduled.id, 0), call))
    origins = matching_tasks(tasks, invocations)
    for place, (invocation, origin) in enumerate(zip(invocations, origins, strict=True)):
        execution, number = len(executions), place
        if origin is not None:
            execution, number = places[origin.execution.arn], origin.scheduled.id
        for n, call in enumerate(_of_invocation(invocation, origin, functions), start=1):
            found.append((_Order(call.at, execution, number, n), call))
    return tuple(call for _, call in sorted(found, key=lambda entry: entry[0]))


def task_call(task: Task, functions: Mapping[str, str]) -> SeenCall:
    """Return the call that the state machine itself made in this task."""
    params = task.params
    error = task.error
    return SeenCall(
        service=task.service,
        operation=task.operation,
        params=cut(params),
        at=task.scheduled.timestamp.astimezone(UTC),
        outcome="unknown" if task.ended is None else "succeeded" if error is None else "failed",
        error=error,
        cause=task.cause,
        execution=task.execution.arn,
        state=task.state,
        bucket=task.bucket,
        resource=task.resource,
        invokes=functions.get(task.function, task.function),
    )


def _of_invocation(
    invocation: Invocation, origin: Task | None, functions: Mapping[str, str]
) -> Iterator[SeenCall]:
    event = parsed(invocation.payload)
    for call in invocation.calls:
        yield SeenCall(
            service=call.service,
            operation=call.operation,
            params=call.params,
            at=_at(call, invocation, origin),
            outcome="succeeded" if call.error is None else "failed",
            status=call.status,
            error=call.error,
            attempts=call.attempts,
            execution=origin.execution.arn if origin is not None else invocation.execution_arn,
            state=origin.state if origin is not None else invocation.state,
            bucket=bucket_of_call(call.params, event),
            function=functions.get(invocation.function, invocation.function),
            request_id=invocation.request_id,
            injected=call.injected,
            faults=call.faults,
        )


def _at(call: Call, invocation: Invocation, origin: Task | None) -> datetime:
    """Return the time of a call in whole ms, as in histories, so that no call precedes the task that
    made it.
    """
    # Runtimes of older emulator plugins do not report the time.
    at = datetime.fromtimestamp(round(call.at_s or invocation.started_at, 3), UTC)
    return at if origin is None else max(at, origin.scheduled.timestamp.astimezone(UTC))
