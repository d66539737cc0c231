"""Finds the failures in an observation: executions, tasks, invocations, AWS calls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.expect.call_wording import named, parameters_of
from harness.expect.values import message_of
from harness.functions.shared.model import Call, Invocation
from harness.functions.shared.payloads import bucket_of
from harness.observe.calls import task_call
from harness.observe.model import Execution, HistoryEvent, Observation, parsed
from harness.observe.tasks import FAILED, Task, Track, Visit, track
from harness.report.failed_invocations import FailedInvocations

TASK_FAILURES = ("ActivityFailed", "ActivityTimedOut", "EvaluationFailed", *FAILED)
_STATE = re.compile(r"An error occurred while executing the state '(.*?)' \(entered at the event id #(\d+)\)")
CAUGHT = "caught"
RETRIED = "a retry succeeded"


@dataclass(frozen=True)
class Ending:
    """An execution that did not succeed, with its last state and the visit to that state."""

    machine: str
    execution: str
    status: str
    state: str
    error: str
    cause: str
    of: Execution | None = field(default=None, compare=False, repr=False)
    visit: Visit | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class FailedTask:
    """A task that failed `times` times in one visit to its state. `error` and `cause` are from the last
    failure.

    `inside` is the enclosing Parallel or Map state. `bucket` is the bucket in the parameters, or the bucket
    in the state's input if the task has not made a call yet. `function` is the logical ID of the Lambda
    function that the task invoked, and `call` is its AWS call to any other service. `handled` says how the
    machine continued: "caught", "a retry succeeded", or "" if it did not continue. `invocation` is the failed
    invocation, if known.
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
    call: str = ""
    of: Execution | None = field(default=None, compare=False, repr=False)
    visit: Visit | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class FailedCall:
    """AWS calls from one function that returned the same error; `call` is the first of them."""

    function: str
    call: Call
    times: int


@dataclass(frozen=True)
class Explanation:
    """All failures, worst first. `invocations` are the failed invocations that no failed task refers to."""

    endings: tuple[Ending, ...] = ()
    tasks: tuple[FailedTask, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    calls: tuple[FailedCall, ...] = ()


def explain(observation: Observation) -> Explanation:
    """Return all apparent failures in an observation, including expected failures."""
    executions = [e for run in observation.runs for e in run.executions]
    executions += observation.failed_items
    tracks = [(execution, track(execution)) for execution in executions]
    failed = FailedInvocations(observation.invocations)
    tasks = [task for execution, seen in tracks for task in _tasks(execution, seen, observation, failed)]
    shown = {task.invocation.request_id for task in tasks if task.invocation is not None}
    causes = (e.text("cause") for x in executions for e in x.events if e.type in TASK_FAILURES)
    return Explanation(
        endings=tuple(_ending(e, seen) for e, seen in tracks if e.status != "SUCCEEDED"),
        tasks=tuple(sorted(tasks, key=lambda task: (task.handled != "", task.handled == RETRIED))),
        invocations=tuple(failed.not_in(causes, shown)),
        calls=tuple(_calls(observation)),
    )


def _ending(execution: Execution, seen: Track) -> Ending:
    visit = _last(execution, seen)
    return Ending(
        machine=execution.machine_name,
        execution=execution.name,
        status=execution.status,
        state=visit.name if visit is not None else "",
        error=execution.error or "",
        cause=message_of(execution.cause or ""),
        of=execution,
        visit=visit,
    )


def _last(execution: Execution, seen: Track) -> Visit | None:
    """Return the visit in which an execution ended: the one named in the cause, otherwise the last.

    The history links a failed evaluation to the event before its state.
    """
    named = _STATE.search(execution.cause or "")
    visit = seen.visits.get(int(named[2])) if named else None
    return visit if visit is not None and named and visit.name == named[1] else seen.last


def _tasks(
    execution: Execution, seen: Track, observation: Observation, failed: FailedInvocations
) -> Iterator[FailedTask]:
    of_visits: dict[Visit, list[HistoryEvent]] = {}
    for event in execution.events:
        if event.type in TASK_FAILURES and event.id in seen.visits:
            of_visits.setdefault(seen.visits[event.id], []).append(event)
    for visit, failures in of_visits.items():
        last = failures[-1]
        task = next((task for task in visit.tasks if task.ended is last), None)
        name = task.function if task is not None else ""
        payload = task.payload if task is not None else None
        yield FailedTask(
            machine=execution.machine_name,
            state=visit.name,
            inside=visit.inside,
            bucket=task.bucket if task is not None else bucket_of(parsed(visit.entered.text("input"))),
            function=observation.functions.get(name, name),
            error=last.text("error"),
            cause=message_of(last.text("cause")),
            times=len(failures),
            handled=_handled(visit),
            invocation=failed.of_task(name, last.text("cause"), payload),
            call=_call_of(task, observation) if task is not None and not name else "",
            of=execution,
            visit=visit,
        )


def _call_of(task: Task, observation: Observation) -> str:
    return named(task_call(task, observation.functions))


def _handled(visit: Visit) -> str:
    if visit.exited is None:
        return ""
    return RETRIED if visit.last.type.endswith("Succeeded") else CAUGHT


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
