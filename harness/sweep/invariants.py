"""Invariants for any workflow. They hold in every trial, with any failure.

A project specifies its own file in `[tool.harness] invariants`: Python with a tuple INVARIANTS of functions.
The tuple may contain some of the functions in this module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import wraps
from itertools import pairwise
from pathlib import Path

from harness.observe.model import Execution
from harness.observe.tasks import Visit, track
from harness.project_file import project_module, raised_at
from harness.settings import SettingsError
from harness.sweep.model import Invariant, Played

MAX_ATTEMPTS = 15
"""Maximum number of attempts for a state in one visit. Step Functions' own default for MaxAttempts is 3."""
MAX_REQUESTS = 100
"""Maximum number of identical requests that one invocation may send."""
_CHECKED_ALWAYS = ("permissions", "limits")


def ends_within(limit_s: float) -> Invariant:
    """Check that every started execution ends within a time limit on the clock.

    If the execution also takes longer without a fault, for example because it waits for people, its time is
    added to the limit.
    """

    def ends(played: Played) -> Iterator[str]:
        if played.result.outcome == "error" or played.seen is None:
            yield f"it did not end: {played.result.reason}"
            return
        without_s = {run.name: duration_s(run.execution) or 0.0 for run in played.base.runs}
        for run in played.seen.runs:
            took_s, usual_s = duration_s(run.execution), without_s.get(run.name, 0.0)
            most_s = limit_s + (usual_s if usual_s > limit_s else 0.0)
            if took_s is not None and took_s > most_s:
                yield f"{run.name} took {took_s:,.0f} s, more than {most_s:,.0f} s"

    return ends


def aws_would_allow_it(played: Played) -> Iterator[str]:
    """Check that AWS would not reject any call because of a missing permission or an exceeded limit."""
    for mismatch in played.result.mismatches:
        if mismatch.expectation in _CHECKED_ALWAYS:
            yield mismatch.summary


def fault_fires(played: Played) -> Iterator[str]:
    """Check that a single fault fires. The run up to that point must be the same as without the fault.

    In a pair, the first fault may prevent the second.
    """
    if played.seen is None or len(played.trial.faults) != 1:
        return
    number = len(played.result.scenario.faults) - 1  # after the scenario's own faults
    if not played.seen.fired.get(number):
        yield "the fault did not fire: the run before it differs from the run without faults"


def retries_are_bounded(played: Played) -> Iterator[str]:
    """Check that states and functions do not retry endlessly or without a pause."""
    if played.seen is None:
        return
    for run in played.seen.runs:
        for execution in run.executions:
            for state, attempts in _attempts(execution):
                if len(attempts) > MAX_ATTEMPTS:
                    yield f"state {state} of {execution.machine_name} was attempted {len(attempts)} times"
                if any(again <= ended for (_, ended), (again, _) in pairwise(attempts)):
                    yield f"state {state} of {execution.machine_name} was retried without a pause"
    for invocation in played.seen.invocations:
        requests: Counter[tuple[str, str, str]] = Counter()
        for call in invocation.calls:
            requests[call.service, call.operation, repr(call.params)] += call.attempts
        for (service, operation, _), times in requests.items():
            if times > MAX_REQUESTS:
                yield f"{invocation.function} sent {service}:{operation} {times} times"


def _attempts(execution: Execution) -> Iterator[tuple[str, list[tuple[datetime, datetime]]]]:
    """Yield the name of each visited Task state, with the start and end of each attempt."""
    visits: dict[Visit, list[tuple[datetime, datetime]]] = {}
    for task in track(execution).tasks:
        if task.visit is not None and task.ended is not None:
            visits.setdefault(task.visit, []).append((task.scheduled.timestamp, task.ended.timestamp))
    for visit, attempts in visits.items():
        yield visit.name, attempts


def duration_s(execution: Execution) -> float | None:
    """Return an execution's duration on the clock, or None while it is running."""
    return (execution.stopped_at - execution.started_at).total_seconds() if execution.stopped_at else None


DEFAULT: tuple[Invariant, ...] = (
    ends_within(24 * 3600),
    aws_would_allow_it,
    fault_fires,
    retries_are_bounded,
)


def load_invariants(path: Path | None) -> tuple[Invariant, ...]:
    """Return the INVARIANTS in a project's file. Default: the invariants for any workflow.

    Raises SettingsError if the file cannot be imported or has no INVARIANTS.
    """
    if path is None:
        return DEFAULT
    found = getattr(project_module(path, "invariants"), "INVARIANTS", None)
    if not isinstance(found, tuple) or not found or not all(callable(each) for each in found):
        raise SettingsError(
            f"{path}: INVARIANTS not found: define a tuple of functions, see harness/sweep/invariants.py"
        )
    return tuple(_guarded(each, path) for each in found)


def _guarded(invariant: Invariant, path: Path) -> Invariant:
    """Return an invariant that catches exceptions. An exception is reported as a violation, with its
    location.
    """

    @wraps(invariant)
    def guarded(played: Played) -> Iterator[str]:
        try:
            yield from invariant(played)
        except (Exception, SystemExit) as error:
            yield f"the check failed: {raised_at(error, path)}"

    return guarded
