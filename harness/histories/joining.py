"""Assembles executions from events: sorts the events, and checks that none is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from harness.histories.faults import HistoryError
from harness.histories.forms import Described, machine_of, name_of
from harness.histories.kinds import DATA, REDRIVES
from harness.histories.model import ENDS, Event, RecordedExecution

_WITH_DATA: Final = (
    "export it with execution data: without --no-include-execution-data, and for logs with "
    "IncludeExecutionData: true in the machine's LoggingConfiguration"
)
_ANSWERS: Final = frozenset(
    {"ActivitySucceeded", "ExecutionStarted", "LambdaFunctionSucceeded", "TaskSubmitted", "TaskSucceeded"}
)
"""Event types with external data for an execution: the input, and task results."""
_AGAIN: Final = "export all pages: `aws stepfunctions get-execution-history` without --max-items"

_WHOLE_LOG: Final = "export all log events of the execution; the machine must log with Level: ALL"
"""The remedy for CloudWatch Logs events, the only events that specify their execution."""


def is_whole(events: Sequence[Event]) -> bool:
    """Return whether the events of an ended execution are complete, based on their IDs and the
    last event.
    """
    ids = {event.id for event in events}
    last = max(events, key=lambda event: event.id)
    return len(ids) == last.id and last.type in ENDS


def joined(
    file: Path, events: Iterable[Event], arn: str = "", described: Described | None = None
) -> RecordedExecution:
    """Assemble the execution from events in any order.

    Raises:
        HistoryError: an event is missing, occurs twice with different content, or lacks its data.
    """
    ordered = _ordered(file, events)
    _check_whole(file, ordered, _WHOLE_LOG if arn else _AGAIN)
    for event in ordered:
        _check_data(file, event)
    begun = ordered[0]
    text = begun.text("input")
    if described is not None:
        _check_described(file, described, ordered)
        arn = described.arn
    return RecordedExecution(
        file,
        tuple(ordered),
        text,
        begun.time,
        arn,
        described.name if described else name_of(arn),
        described.machine_arn if described else machine_of(arn),
    )


def _ordered(file: Path, events: Iterable[Event]) -> list[Event]:
    by_id: dict[int, Event] = {}
    for event in events:
        known = by_id.setdefault(event.id, event)
        if known != event:
            message = f"it occurs twice, once as {known.type}"
            remedy = "put each execution into its own file"
            raise HistoryError(file, message, remedy, event=event.id, type=event.type)
    return [by_id[number] for number in sorted(by_id)]


def _check_whole(file: Path, events: Sequence[Event], again: str) -> None:
    known = 0
    for event in events:
        if event.id != known + 1:
            gap = f"event {known + 1}" if event.id == known + 2 else f"events {known + 1} to {event.id - 1}"
            be = "is" if event.id == known + 2 else "are"
            raise HistoryError(file, f"{gap} {be} missing", again, event=event.id, type=event.type)
        if event.previous >= event.id:
            message = f"it follows event {event.previous}, which is a later event"
            raise HistoryError(file, message, "export the history again", event=event.id, type=event.type)
        if event.type in REDRIVES:
            message = "the execution was redriven, which is not supported"
            remedy = "leave this history out"
            raise HistoryError(file, message, remedy, event=event.id, type=event.type)
        known = event.id
    first, last = events[0], events[-1]
    if first.type != "ExecutionStarted":
        message = "an execution must begin with ExecutionStarted"
        raise HistoryError(file, message, "export the history again", event=first.id, type=first.type)
    if last.type not in ENDS:
        message = (
            "it is the last event, but does not end the execution: the history is truncated, or was still "
            "running"
        )
        remedy = f"{again}, once the execution has ended"
        raise HistoryError(file, message, remedy, event=last.id, type=last.type)


def _check_data(file: Path, event: Event) -> None:
    member = DATA.get(event.type)
    for name, value in event.details.items():
        if name.endswith("Details") and isinstance(value, dict) and value.get("truncated") is True:
            shown = name.removesuffix("Details")
            message = f"its {shown} is truncated"
            remedy = "AWS's logs truncate long data; leave this history out"
            raise HistoryError(file, message, remedy, event=event.id, type=event.type)
    if member is None:
        return
    if member not in event.details:
        raise HistoryError(file, f"it has no {member}", _WITH_DATA, event=event.id, type=event.type)
    value = event.details[member]
    if not isinstance(value, str):
        message = f"its {member} is {json.dumps(value)[:40]}: expected a string"
        raise HistoryError(file, message, "export the history again", event=event.id, type=event.type)
    if event.type in _ANSWERS:
        _check_json(file, event, member, value)


def _check_json(file: Path, event: Event, member: str, text: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        shown = text if len(text) <= 40 else f"{text[:37]}..."
        message = f"its {member} is not JSON: {shown!r}"
        remedy = "redacted data cannot be replayed; replace it with values of the same shape"
        raise HistoryError(file, message, remedy, event=event.id, type=event.type) from None


def _check_described(file: Path, described: Described, events: Sequence[Event]) -> None:
    status = ENDS[events[-1].type]
    if described.status != status:
        message = f"DescribeExecution says {described.status}, but the history ends with {status}"
        raise HistoryError(file, message, "export both from the same execution, once it has ended")
    if described.input is not None and described.input != events[0].text("input"):
        message = "the input in DescribeExecution differs from the input in the history"
        raise HistoryError(file, message, "export both from the same execution", event=1)
