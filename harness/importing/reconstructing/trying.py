"""Retry and Catch, derived from repeated attempts, and from states entered after failures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.histories import Event
from harness.importing.reconstructing.notes import Notes
from harness.importing.reconstructing.values import text_of
from harness.importing.reconstructing.visits import Visit, seconds_between
from harness.json_types import Json, JsonObject

_MOST = 99_999_999
_BROAD = ("States.TaskFailed", "States.ALL")
"""Error names that match other errors, too."""
_STARTS = ("MapStateStarted", "ParallelStateStarted")


@dataclass
class _Seen:
    """The retries after one error: the seconds before each, per visit. `ended` means that no retry
    followed.
    """

    waits: list[list[float]] = field(default_factory=list)
    ended: bool = False


def retry_fields(visits: Sequence[Visit], state: str, notes: Notes) -> JsonObject:
    """Return the Retry of a state."""
    seen: dict[str, _Seen] = {}
    for visit in visits:
        waits: dict[str, list[float]] = {}
        for error, wait in _retried(visit, state, notes):
            waits.setdefault(error, []).append(wait)
        for error, each in waits.items():
            seen.setdefault(error, _Seen()).waits.append(each)
        if visit.failure is not None and visit.failure[0] in waits:
            seen[visit.failure[0]].ended = True
    entries: list[Json] = [_retrier(error, each, state, notes) for error, each in seen.items()]
    return {"Retry": sorted(entries, key=_breadth)} if entries else {}


def _breadth(entry: Json) -> int:
    """Return a sort key that grows with the number of errors that an entry matches: the first match wins."""
    errors = entry.get("ErrorEquals") if isinstance(entry, dict) else []
    names = errors if isinstance(errors, list) else []
    return max((_BROAD.index(name) + 1 for name in _BROAD if name in names), default=0)


def _retrier(error: str, seen: _Seen, state: str, notes: Notes) -> Json:
    longest = max(seen.waits, key=len)
    notes.add(state, f"Retry for {error}: its interval and back-off rate are derived from the timestamps")
    if not seen.ended:
        count = f"{len(longest)} retr{'ies were' if len(longest) > 1 else 'y was'} seen"
        notes.add(state, f"Retry for {error}: {count}; there may be more")
    entry: JsonObject = {
        "ErrorEquals": [error],
        "IntervalSeconds": max(1, min(_MOST, round(longest[0]))),
        "MaxAttempts": len(longest),
    }
    if len(longest) > 1 and longest[0] > 0:
        rate = round((longest[-1] / longest[0]) ** (1 / (len(longest) - 1)), 1)
        entry["BackoffRate"] = max(1.0, rate)
    return entry


def _retried(visit: Visit, state: str, notes: Notes) -> Iterator[tuple[str, float]]:
    """Yield the errors that were followed by another attempt, and the seconds until that attempt."""
    if visit.kind == "Task":
        for one, other in zip(visit.attempts, visit.attempts[1:], strict=False):
            if one.ended is not None:
                error = one.ended.text("error")
                yield error or "States.ALL", seconds_between(one.ended, other.scheduled)
        return
    starts = [event for event in visit.events if event.type in _STARTS]
    for number, start in enumerate(starts[1:], 1):
        error, last = _of_flows(visit, number)
        if not error:
            error = visit.failure[0] if visit.failure and visit.failure[0] else "States.ALL"
            notes.add(state, "Retry: the error of its failed attempts is unknown")
        yield error, seconds_between(last, start) if last else 0.0


def _of_flows(visit: Visit, number: int) -> tuple[str, Event | None]:
    """Return the error from the branch or iteration that failed in an attempt, and the event with
    the error.
    """
    failed: list[tuple[int, str, Event]] = []
    for flow in visit.flows.get(number, {}).values():
        last = flow[-1]
        if last.failure is not None:
            event = last.attempts[-1].ended if last.attempts else last.events[-1]
            if event is not None:
                failed.append((event.id, last.failure[0], event))
        elif last.kind == "Fail" and last.flow_failed is not None:
            failed.append((last.entered.id, last.flow_failed[0], last.entered))
    if not failed:
        return "", None
    _, error, event = min(failed, key=lambda each: each[0])
    return error, event


def catch_fields(visits: Sequence[Visit], state: str, notes: Notes) -> JsonObject:
    """Return the Catch of a state."""
    catchers: dict[tuple[str, str], JsonObject] = {}
    for visit in visits:
        if visit.exited is None or not visit.then or visit.failure is None:
            continue
        error = visit.failure[0] or "States.ALL"
        path = _result_path(visit, state, notes)
        entry = catchers.setdefault((visit.then, str(path)), {"ErrorEquals": [], **path, "Next": visit.then})
        errors = entry["ErrorEquals"]
        assert isinstance(errors, list)
        if error not in errors:
            errors.append(error)
        if visit.assigned:
            notes.add(state, "Assign: histories show values, not expressions")
            entry["Assign"] = visit.assigned
    entries: list[Json] = []
    for entry in catchers.values():
        errors = entry["ErrorEquals"]
        assert isinstance(errors, list)
        alone: list[Json] = ["States.ALL"]
        entries.append({**entry, "ErrorEquals": alone if "States.ALL" in errors else errors})
        names = ", ".join(map(str, errors))
        notes.add(state, f"Catch of {names}: it may catch other errors, too")
    return {"Catch": sorted(entries, key=_breadth)} if entries else {}


def _result_path(visit: Visit, state: str, notes: Notes) -> JsonObject:
    before, after = visit.input, visit.output
    old = before if isinstance(before, dict) else {}
    if text_of(before) == text_of(after):
        return {"ResultPath": None}
    if isinstance(after, dict) and set(after) <= {"Error", "Cause"}:
        return {}
    new = after if isinstance(after, dict) else {}
    for name, each in new.items():
        if isinstance(each, dict) and each and set(each) <= {"Error", "Cause"}:
            others = {key: value for key, value in new.items() if key != name}
            rest = {key: value for key, value in old.items() if key != name}
            if text_of(others) == text_of(rest):
                return {"ResultPath": f"$.{name}" if name.isidentifier() else f"$['{name}']"}
    notes.add(state, "Catch: how its output is derived is unknown; the definition uses the error")
    return {}
