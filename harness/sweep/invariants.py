"""Invariants of any workflow: they must hold in every trial, whatever fails.

A project names a file of its own in `[tool.harness] invariants`: Python with a tuple INVARIANTS of functions,
some of these among them or not.
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
"""So often a state may try in one visit: Step Functions' own default for MaxAttempts is 3."""
MAX_REQUESTS = 100
"""So many equal requests one invocation may send."""
_CHECKED_ALWAYS = ("permissions", "limits")


def ends_within(limit_s: float) -> Invariant:
    """An invariant: every execution that was started comes to an end, in so much time on the clock.

    One that takes longer even without a fault, as it waits for people, may take that much more time.
    """

    def ends(played: Played) -> Iterator[str]:
        if played.result.outcome == "error" or played.seen is None:
            yield f"it did not come to an end: {played.result.reason}"
            return
        without_s = {run.name: duration_s(run.execution) or 0.0 for run in played.base.runs}
        for run in played.seen.runs:
            took_s, usual_s = duration_s(run.execution), without_s.get(run.name, 0.0)
            most_s = limit_s + (usual_s if usual_s > limit_s else 0.0)
            if took_s is not None and took_s > most_s:
                yield f"{run.name} took {took_s:,.0f} s, more than {most_s:,.0f} s"

    return ends


def aws_would_allow_it(played: Played) -> Iterator[str]:
    """Nothing is done on the way that AWS would refuse: a call without a permission, or beyond a limit."""
    for mismatch in played.result.mismatches:
        if mismatch.expectation in _CHECKED_ALWAYS:
            yield mismatch.summary


def fault_fires(played: Played) -> Iterator[str]:
    """A single fault happens: all before it is as without it. Of two, the first may prevent the other."""
    if played.seen is None or len(played.trial.faults) != 1:
        return
    number = len(played.result.scenario.faults) - 1  # after those that the scenario has by itself
    if not played.seen.fired.get(number):
        yield "the fault did not happen: what led to it was not as in the run without faults"


def retries_are_bounded(played: Played) -> Iterator[str]:
    """Nothing is tried again without end, nor without a pause: neither states nor functions."""
    if played.seen is None:
        return
    for run in played.seen.runs:
        for execution in run.executions:
            for state, attempts in _attempts(execution):
                if len(attempts) > MAX_ATTEMPTS:
                    yield f"state {state} of {execution.machine_name} was tried {len(attempts)} times"
                if any(again <= ended for (_, ended), (again, _) in pairwise(attempts)):
                    yield f"state {state} of {execution.machine_name} was tried again without a pause"
    for invocation in played.seen.invocations:
        requests: Counter[tuple[str, str, str]] = Counter()
        for call in invocation.calls:
            requests[call.service, call.operation, repr(call.params)] += call.attempts
        for (service, operation, _), times in requests.items():
            if times > MAX_REQUESTS:
                yield f"{invocation.function} sent {service}:{operation} {times} times"


def _attempts(execution: Execution) -> Iterator[tuple[str, list[tuple[datetime, datetime]]]]:
    """For each visit of a Task state: its name, and when each attempt was made and had ended."""
    visits: dict[Visit, list[tuple[datetime, datetime]]] = {}
    for task in track(execution).tasks:
        if task.visit is not None and task.ended is not None:
            visits.setdefault(task.visit, []).append((task.scheduled.timestamp, task.ended.timestamp))
    for visit, attempts in visits.items():
        yield visit.name, attempts


def duration_s(execution: Execution) -> float | None:
    """The time that it took on the clock; None while it runs."""
    return (execution.stopped_at - execution.started_at).total_seconds() if execution.stopped_at else None


DEFAULT: tuple[Invariant, ...] = (
    ends_within(24 * 3600),
    aws_would_allow_it,
    fault_fires,
    retries_are_bounded,
)


def load_invariants(path: Path | None) -> tuple[Invariant, ...]:
    """The INVARIANTS of a project's file; without one, those that are about any workflow.

    Raises SettingsError when the file cannot be imported or has none.
    """
    if path is None:
        return DEFAULT
    found = getattr(project_module(path, "invariants"), "INVARIANTS", None)
    if not isinstance(found, tuple) or not found or not all(callable(each) for each in found):
        raise SettingsError(
            f"{path}: it needs INVARIANTS, a tuple of functions, see harness/sweep/invariants.py"
        )
    return tuple(_guarded(each, path) for each in found)


def _guarded(invariant: Invariant, path: Path) -> Invariant:
    """The same invariant; an exception of it breaks it, and is told with the place that raised it."""

    @wraps(invariant)
    def guarded(played: Played) -> Iterator[str]:
        try:
            yield from invariant(played)
        except (Exception, SystemExit) as error:
            yield f"it could not be checked: {raised_at(error, path)}"

    return guarded
