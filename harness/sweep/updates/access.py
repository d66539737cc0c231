"""Permissions in a run during which policies change. Each call is checked against the policies at its time.

A state's task is checked against the policies at its start. A function or an execution starts right before
its "started" event. A service call starts right before the event with its response. A function's call is
checked against the policies at the time of the call. All calls in an invocation that began after a change are
checked against the new policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.engine.base import PassedEvent
from harness.expect import permissions
from harness.expect.model import Mismatch
from harness.functions.shared.model import Call, Invocation
from harness.observe.access import Access
from harness.observe.model import Execution, HistoryEvent, Observation, Run
from harness.observe.tasks import ENTERED, EXITED, SCHEDULED, track
from harness.scenario.model import Scenario
from harness.sweep.updates.play import Change

_BEGIN_AT_ONCE = frozenset({"lambda", "states", "aws-sdk:sfn"})
"""Services whose tasks begin at the "started" event in the history."""


@dataclass(frozen=True)
class _Span:
    """The time between two changes. `first` and `last` are event numbers, `begin` and `end` are times.

    `begin` and `end` are Unix times of the events after which the changes were made. `events` counts, by
    execution, the events before the span and at its end.
    """

    access: Access
    begin: float
    end: float
    before: Mapping[str, int]
    after: Mapping[str, int]


def refused(
    scenario: Scenario, seen: Observation, passed: Sequence[PassedEvent], changes: Sequence[Change]
) -> Iterator[Mismatch]:
    """Yield a mismatch for each permission that a role lacked when it was needed. Each is reported once."""
    told: set[str] = set()
    for span in _spans(seen, passed, changes):
        part = _part(seen, span)
        for mismatch in permissions.compare(scenario, part):
            if mismatch.summary not in told:
                told.add(mismatch.summary)
                yield mismatch


def without_role(
    seen: Observation, passed: Sequence[PassedEvent], changes: Sequence[Change]
) -> Iterator[str]:
    """Yield a sentence for each execution that continued with a role that an update had deleted."""
    for span in _spans(seen, passed, changes)[1:]:
        for run in seen.runs:
            for execution in run.executions:
                role = execution.role_arn
                if role not in seen.access.roles or role in span.access.roles:
                    continue
                states = [task.state for task in track(_cut(execution, span)).tasks]
                if states:
                    name = role.rpartition("/")[2]
                    yield (
                        f"{run.name}: {execution.machine_name} still uses the role {name} that it started "
                        f"with, but the update deleted that role: AWS rejects the task in state {states[0]}"
                    )


def _spans(seen: Observation, passed: Sequence[PassedEvent], changes: Sequence[Change]) -> tuple[_Span, ...]:
    times = {
        (execution.arn, event.id): event.timestamp.timestamp()
        for run in seen.runs
        for execution in run.executions
        for event in execution.events
    }
    spans: list[_Span] = []
    access, begin, before = seen.access, float("-inf"), dict[str, int]()
    for change in changes:
        last = passed[change.number - 1]
        moment, counts = times.get((last.execution_arn, last.id), begin), _counts(passed[: change.number])
        spans.append(_Span(access, begin, moment, before, counts))
        access, begin, before = change.access, moment, counts
    return (*spans, _Span(access, begin, float("inf"), before, _counts(passed)))


def _counts(passed: Sequence[PassedEvent]) -> dict[str, int]:
    return {event.execution_arn: event.id for event in passed}


def _part(seen: Observation, span: _Span) -> Observation:
    runs = tuple(
        Run(run.name, _cut(run.execution, span), tuple(_cut(child, span) for child in run.children))
        for run in seen.runs
    )
    found = (_of_span(invocation, seen, span) for invocation in seen.invocations)
    return replace(
        seen,
        runs=runs,
        invocations=tuple(each for each in found if each is not None),
        access=span.access,
    )


def _cut(execution: Execution, span: _Span) -> Execution:
    """Return an execution without the tasks that it scheduled in other spans."""
    first, last = span.before.get(execution.arn, 0), span.after.get(execution.arn, 0)
    begins = _begins(execution)
    left_out: set[int] = set()
    for event in execution.events:
        is_other = event.type in SCHEDULED and not first < begins[event.id] <= last
        follows = event.previous_event_id in left_out and _is_of_task(event)
        if is_other or follows:
            left_out.add(event.id)
    return replace(execution, events=tuple(e for e in execution.events if e.id not in left_out))


def _is_of_task(event: HistoryEvent) -> bool:
    return event.type.startswith(("Task", "LambdaFunction")) and not event.type.endswith((ENTERED, EXITED))


def _begins(execution: Execution) -> dict[int, int]:
    """Map each task's "scheduled" event to the event right before which the task began.

    If the task never began, map it to the last event.
    """
    following: dict[int, int] = {}
    for event in execution.events:
        if _is_of_task(event):
            following.setdefault(event.previous_event_id, event.id)
    found: dict[int, int] = {}
    for event in execution.events:
        if event.type in SCHEDULED:
            begun = following.get(event.id, len(execution.events))
            if event.type == "TaskScheduled" and event.text("resourceType") not in _BEGIN_AT_ONCE:
                begun = following.get(begun, len(execution.events))
            found[event.id] = begun
    return found


def _of_span(invocation: Invocation, seen: Observation, span: _Span) -> Invocation | None:
    """Return an invocation with its calls in a span.

    Return None if it made no calls and did not begin in the span.
    """
    began_in = _began_after(invocation, seen, span.begin, span.before)
    began_in_later = _began_after(invocation, seen, span.end, span.after)
    if began_in_later:
        return None
    calls = tuple(
        call for call in invocation.calls if (began_in or call.at_s > span.begin) and _is_before(call, span)
    )
    if not began_in and not calls:
        return None
    return replace(invocation, calls=calls)


def _is_before(call: Call, span: _Span) -> bool:
    return call.at_s <= span.end


def _began_after(invocation: Invocation, seen: Observation, moment: float, counts: Mapping[str, int]) -> bool:
    """Return whether an invocation began after a change. If both have the same time, the event of its task is
    decisive.
    """
    if abs(invocation.started_at - moment) > 1e-6:
        return invocation.started_at > moment
    written = counts.get(invocation.execution_arn, 0)
    for run in seen.runs:
        for execution in run.executions:
            if execution.arn == invocation.execution_arn:
                begins = _begins(execution)
                return not any(
                    begins[task.scheduled.id] <= written
                    for task in track(execution).tasks
                    if task.state == invocation.state
                    and task.attempt == invocation.attempt
                    and abs(task.scheduled.timestamp.timestamp() - moment) < 1e-3
                )
    return True
