"""What went wrong according to an observation: executions that failed, tasks, invocations, AWS calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.expect.call_wording import parameters_of
from harness.expect.values import message_of
from harness.functions.shared.model import Call, Invocation
from harness.observe.history import EXITED, History, function_of, parsed, payload_of
from harness.observe.model import Execution, HistoryEvent, Observation
from harness.observe.tasks import FAILED

TASK_FAILURES = ("ActivityFailed", "ActivityTimedOut", "EvaluationFailed", *FAILED)
CAUGHT = "caught"
RETRIED = "a retry succeeded"


@dataclass(frozen=True)
class Ending:
    """An execution that did not succeed, and the state that it was in at the end."""

    machine: str
    execution: str
    status: str
    state: str
    error: str
    cause: str


@dataclass(frozen=True)
class FailedTask:
    """A task that failed, `times` times in one visit of its state; `error` and `cause` are the last ones.

    `inside` is the Parallel or Map state around it, `bucket` what its input says, `function` the logical id
    of the Lambda function that it invoked. `handled` says how the machine went on: "caught", "a retry
    succeeded", or "" when it did not. `invocation` is the one that failed, if it is known.
    """

    machine: str
    state: str
    inside: str
    bucket: str
    function: str
    error: str
    cause: str
    times: int
    handled: str
    invocation: Invocation | None


@dataclass(frozen=True)
class FailedCall:
    """AWS calls of a function that were answered with the same error; `call` is the first of them."""

    function: str
    call: Call
    times: int


@dataclass(frozen=True)
class Explanation:
    """What went wrong, worst first. `invocations` are failed ones that no failed task names."""

    endings: tuple[Ending, ...] = ()
    tasks: tuple[FailedTask, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    calls: tuple[FailedCall, ...] = ()


def explain(observation: Observation) -> Explanation:
    """Everything in an observation that looks like a failure; expected ones are among it."""
    executions = [e for run in observation.runs for e in run.executions]
    tasks = [task for execution in executions for task in _tasks(execution, observation)]
    shown = {task.invocation.request_id for task in tasks if task.invocation is not None}
    causes = [
        str(e.details.get("cause") or "") for x in executions for e in x.events if e.type in TASK_FAILURES
    ]
    others = (i for i in observation.invocations if i.error is not None and i.request_id not in shown)
    return Explanation(
        endings=tuple(_ending(e) for e in executions if e.status != "SUCCEEDED"),
        tasks=tuple(sorted(tasks, key=lambda task: (task.handled != "", task.handled == RETRIED))),
        invocations=tuple(i for i in others if not any(i.request_id in cause for cause in causes)),
        calls=tuple(_calls(observation)),
    )


def _ending(execution: Execution) -> Ending:
    history = History(execution)
    entered = history.entered(execution.events[-1]) if execution.events else None
    return Ending(
        machine=execution.machine_name,
        execution=execution.name,
        status=execution.status,
        state=str(entered.details["name"]) if entered is not None else "",
        error=execution.error or "",
        cause=message_of(execution.cause or ""),
    )


def _tasks(execution: Execution, observation: Observation) -> Iterator[FailedTask]:
    history = History(execution)
    visits: dict[int, tuple[HistoryEvent, list[HistoryEvent]]] = {}
    for event in execution.events:
        if event.type in TASK_FAILURES and (entered := history.entered(event)) is not None:
            visits.setdefault(entered.id, (entered, []))[1].append(event)
    for entered, failures in visits.values():
        scheduled = history.scheduled(failures[-1])
        payload = payload_of(scheduled) if scheduled is not None else None
        name = function_of(scheduled) if scheduled is not None else ""
        cause = str(failures[-1].details.get("cause") or "")
        yield FailedTask(
            machine=execution.machine_name,
            state=str(entered.details["name"]),
            inside=history.enclosing(entered),
            bucket=_bucket(payload) or _bucket(parsed(entered.details.get("input"))),
            function=observation.functions.get(name, name),
            error=str(failures[-1].details.get("error") or ""),
            cause=message_of(cause),
            times=len(failures),
            handled=_handled(history, entered, failures[-1]),
            invocation=_invocation(observation.invocations, name, cause, payload),
        )


def _handled(history: History, entered: HistoryEvent, failure: HistoryEvent) -> str:
    after = [event for event in history.of_state(entered) if event.id > failure.id]
    if not any(event.type.endswith(EXITED) for event in after):
        return ""
    return RETRIED if any(event.type.endswith("Succeeded") for event in after) else CAUGHT


def _bucket(value: Any) -> str:
    """The first text under a key `bucket`, at any depth."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            if key.lower() == "bucket" and isinstance(member, str):
                return member
    members: Iterable[Any] = value.values() if isinstance(value, Mapping) else ()
    return next(filter(None, map(_bucket, members)), "")


def _invocation(
    invocations: Iterable[Invocation], function: str, cause: str, payload: Any
) -> Invocation | None:
    """The invocation whose request id the cause names, else the last failed one with the same event."""
    of_function = [i for i in invocations if i.function == function and i.error is not None]
    named = [i for i in of_function if i.request_id and i.request_id in cause]
    alike = [i for i in of_function if parsed(i.payload) == payload]
    return next(iter(named or alike[::-1]), None)


def _calls(observation: Observation) -> Iterator[FailedCall]:
    found: dict[tuple[str, ...], tuple[str, Call]] = {}
    times: Counter[tuple[str, ...]] = Counter()
    for invocation in observation.invocations:
        function = observation.functions.get(invocation.function, invocation.function)
        for call in invocation.calls:
            if call.error is None:
                continue
            key = (function, call.service, call.operation, call.error, parameters_of(call))
            found.setdefault(key, (function, call))
            times[key] += 1
    return (FailedCall(function, call, times[key]) for key, (function, call) in found.items())
