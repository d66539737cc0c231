"""The failures during one visit to a state, attempt by attempt, from a history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harness.json_types import Json
from harness.observe.model import Execution, HistoryEvent
from harness.observe.tasks import FAILED, STARTED, SUCCEEDED, Branch, Visit, track
from harness.states.errors import DATA_LIMIT_EXCEEDED, HEARTBEAT_TIMEOUT, TIMEOUT, StateFailure

UNKNOWN = "?"
"""A placeholder for an error name that the history does not contain."""
_ACTIVITY = ("ActivityFailed", "ActivityTimedOut")
_LAMBDA = {"LambdaFunctionTimedOut", "TaskTimedOut"}


@dataclass
class Failures:
    """The failures during a visit to a state.

    `retried` contains the errors of attempts that were retried. `ended_by` is the error that ended the visit,
    or "". `timeouts` contains the state's timeouts that its attempts exceeded.
    """

    retried: list[str] = field(default_factory=list)
    ended_by: str = ""
    timeouts: list[Literal["timeout", "heartbeat"]] = field(default_factory=list)


class History:
    """An execution's events, grouped by visit."""

    def __init__(self, execution: Execution) -> None:
        tracked = track(execution)
        self.root = tracked.root
        self._events: dict[int, list[HistoryEvent]] = {}
        for event in execution.events:
            visit = tracked.visits.get(event.id)
            if visit is not None:
                self._events.setdefault(id(visit), []).append(event)

    @classmethod
    def of(cls, execution: Execution) -> History:
        """Return an execution's history. It is parsed only once."""
        kept = execution.kept.get("history")
        if not isinstance(kept, History):
            execution.kept["history"] = kept = History(execution)
        return kept

    def events(self, visit: Visit) -> Sequence[HistoryEvent]:
        """Return the events of a visit, without the events of inner states."""
        return self._events.get(id(visit), [])

    def failures(self, visit: Visit, fields: Mapping[str, Json]) -> Failures:
        """Return the failures during a visit to the state with these fields."""
        if visit.kind in ("Parallel", "Map"):
            return self._of_branches(visit)
        found = Failures()
        scheduled: HistoryEvent | None = None
        for event in self.events(visit):
            if event.type.endswith("Scheduled"):
                scheduled = event
                _again(found)
            elif event.type == "ActivityStarted":  # its timeouts start here
                scheduled = event
            elif event.type in (*SUCCEEDED, "ActivitySucceeded"):
                found.ended_by = ""
            elif event.type in (*FAILED, *_ACTIVITY, "EvaluationFailed"):
                _again(found)
                timed_out = event.type in _LAMBDA
                found.ended_by = event.text("error") or (TIMEOUT if timed_out else UNKNOWN)
                if found.ended_by in (TIMEOUT, HEARTBEAT_TIMEOUT):
                    limit = _limit(found.ended_by, fields, scheduled, event)
                    found.timeouts.append(limit)
                    if limit == "heartbeat":
                        found.ended_by = HEARTBEAT_TIMEOUT  # Retry and Catch match both names
        if visit.kind == "Fail" and not found.ended_by:
            found.ended_by = str(fields.get("Error") or UNKNOWN)
        return found

    def lost_items(self, visit: Visit) -> bool:
        """Return whether an iteration of a Map state failed."""
        return any(inner.visits and inner.visits[-1].exited is None for inner in visit.branches)

    def _of_branches(self, visit: Visit) -> Failures:
        found = Failures()
        starts = [event.id for event in self.events(visit) if event.type in STARTED[:2]]
        bounds = zip(starts, [*starts[1:], 1 << 62], strict=False)  # it can fail before it starts
        errors = [self._error(visit.branches, after, before) for after, before in bounds]
        for event in self.events(visit):
            if event.type in ("ParallelStateFailed", "MapStateFailed"):
                found.ended_by = errors[-1] if errors else event.text("error") or UNKNOWN
            if event.type == "MapRunFailed":
                errors[-1:] = [event.text("error") or UNKNOWN]
        found.retried = errors[:-1]
        return found

    def _error(self, inside: Iterable[Branch], after: int, before: int) -> str:
        """Return the error of the first failed branch between two events."""
        for branch in inside:
            last = branch.visits[-1] if branch.visits else None
            if last is None or last.exited is not None or not after < last.last.id < before:
                continue
            if error := self.failures(last, {}).ended_by:
                return error
        return UNKNOWN


def _again(found: Failures) -> None:
    if found.ended_by:
        found.retried.append(found.ended_by)
    found.ended_by = ""


def _limit(
    error: str, fields: Mapping[str, Json], scheduled: HistoryEvent | None, ended: HistoryEvent
) -> Literal["timeout", "heartbeat"]:
    """Return the exceeded timeout. AWS reports a missing heartbeat as States.Timeout, too."""
    if error == HEARTBEAT_TIMEOUT:
        return "heartbeat"
    beats = any(str(key).startswith("HeartbeatSeconds") for key in fields)
    limit = fields.get("TimeoutSeconds")
    if not beats or scheduled is None:
        return "timeout"
    waited_s = (ended.timestamp - scheduled.timestamp).total_seconds()
    return "timeout" if isinstance(limit, int | float) and waited_s >= limit else "heartbeat"


def taker(entries: Sequence[Mapping[str, Json]], error: str) -> tuple[int, str] | None:
    """Return the index of the first Retrier or Catcher that matches an error, and the matching name."""
    failure = StateFailure(error, None, beyond_all=error == DATA_LIMIT_EXCEEDED)
    if error == HEARTBEAT_TIMEOUT:
        failure = StateFailure(TIMEOUT, None, also=HEARTBEAT_TIMEOUT)
    for number, entry in enumerate(entries):
        equals = entry.get("ErrorEquals")
        for name in equals if isinstance(equals, list) else []:
            if failure.matches((str(name),)):
                return number, str(name)
    return None
