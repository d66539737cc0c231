"""Recognises JSON documents: history pages, DescribeExecution, CloudWatch Logs events.

{"events": [{"timestamp": ..., "type": ..., "id": 1, "previousEventId": 0, "...EventDetails": {}}]}
{"executionArn": ..., "stateMachineArn": ..., "name": ..., "status": ..., "input": ...}
{"events": [{"message": "{\\"id\\":\\"1\\",\\"type\\":...}", "logStreamName": ..., "timestamp": ...}]}
    {"id": "1", "type": ..., "details": {}, "previous_event_id": "0", "event_timestamp": "1735...", ...}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.histories.definitions import described_definition
from harness.histories.faults import HistoryError
from harness.histories.kinds import TYPES
from harness.histories.model import Event, GivenDefinition
from harness.histories.times import seconds_of
from harness.json_types import Json, JsonObject, as_dict

_DETAILS: Final = "EventDetails"
_FORMS: Final = (
    "use the output of `aws stepfunctions get-execution-history`, of `describe-execution`, or of "
    "`aws logs filter-log-events`"
)


@dataclass(frozen=True)
class Described:
    """An execution in DescribeExecution format; `input` is None if it is missing."""

    arn: str
    name: str
    machine_arn: str
    status: str
    input: str | None = None
    started: float | None = None


@dataclass
class Found:
    """The content of a file: events with the ARN of their execution ("" if unknown).

    Attributes:
        unfinished: true if the last page says that more pages follow.
    """

    file: Path
    events: list[tuple[str, Event]] = field(default_factory=list)
    described: list[Described] = field(default_factory=list)
    definitions: list[GivenDefinition] = field(default_factory=list)
    unfinished: bool = False


def found_in(file: Path, documents: list[Json]) -> Found:
    """Return the content of a file's documents.

    Raises:
        HistoryError: a document has an unknown format, or an event has an unknown type.
    """
    found = Found(file)
    for document in documents:
        _Reader(file, found).read(document)
    return found


class _Reader:
    """Adds one document to the content of a file."""

    def __init__(self, file: Path, found: Found) -> None:
        self._file = file
        self._found = found

    def read(self, document: Json) -> None:
        if isinstance(document, list):
            if not document:
                raise HistoryError(self._file, "it contains an empty list", _FORMS)
            for each in document:
                self.read(each)
        elif not isinstance(document, dict):
            raise HistoryError(self._file, f"{_shown(document)} is not a history", _FORMS)
        elif isinstance(events := document.get("events"), list):
            self._page(document, events)
        elif "previous_event_id" in document or "event_timestamp" in document:
            self._logged(document)
        elif isinstance(document.get("definition"), str):
            self._definition(document)
        elif "stateMachineArn" in document and "status" in document:
            self._found.described.append(self._describe(document))
        elif "type" in document and "id" in document:
            self._found.events.append(("", self._event(document)))
        elif "message" in document:
            self._message(document)
        else:
            members = ", ".join(list(document)[:6]) or "nothing"
            raise HistoryError(self._file, f"an object with {members} is not a history", _FORMS)

    def _page(self, page: JsonObject, events: list[Json]) -> None:
        if not events and len(page) == 1:
            raise HistoryError(self._file, "one of its pages has no events", "export the history again")
        for event in events:
            self.read(event)
        self._found.unfinished = bool(page.get("nextToken") or page.get("NextToken")) and not any(
            isinstance(event, dict) and "message" in event for event in events
        )

    def _definition(self, shown: JsonObject) -> None:
        remedy = "use the output of `aws stepfunctions describe-state-machine`"
        try:
            given = described_definition(shown, str(self._file))
        except (RecursionError, ValueError):
            raise HistoryError(self._file, "its definition is not JSON", remedy) from None
        if given is None:
            raise HistoryError(self._file, "it contains a definition without a machine", remedy)
        self._found.definitions.append(given)

    def _describe(self, shown: JsonObject) -> Described:
        text = shown.get("input")
        return Described(
            str(shown.get("executionArn", "")),
            str(shown.get("name", "")),
            str(shown["stateMachineArn"]),
            str(shown["status"]),
            text if isinstance(text, str) else None,
            seconds_of(shown.get("startDate")),
        )

    def _message(self, entry: JsonObject) -> None:
        """Read an event from CloudWatch Logs. Only execution events are accepted."""
        try:
            line: Json = json.loads(str(entry["message"]))
        except ValueError:
            line = None
        if not isinstance(line, dict) or "execution_arn" not in line:
            shown = _shown(entry["message"])
            remedy = "use the log group of the state machine only"
            raise HistoryError(self._file, f"the message {shown} is not an event of an execution", remedy)
        self._logged(line)

    def _logged(self, line: JsonObject) -> None:
        event = self._made(
            line,
            line.get("previous_event_id"),
            line.get("event_timestamp"),
            as_dict(line.get("details")),
        )
        self._found.events.append((str(line.get("execution_arn", "")), event))

    def _event(self, shown: JsonObject) -> Event:
        details = [value for name, value in shown.items() if name.endswith(_DETAILS) and value is not None]
        only = as_dict(details[0]) if details else {}
        return self._made(shown, shown.get("previousEventId", 0), shown.get("timestamp"), only)

    def _made(self, shown: JsonObject, previous: Json, moment: Json, details: JsonObject) -> Event:
        kind = str(shown.get("type"))
        number, before, time = _number(shown.get("id")), _number(previous), seconds_of(moment)
        if number is None or number < 1:
            raise HistoryError(
                self._file, f"an event of type {kind} has the ID {_shown(shown.get('id'))}", _FORMS
            )
        if kind not in TYPES:
            raise HistoryError(
                self._file,
                f"unknown event type {kind!r}",
                "correct the type; if it is new in AWS, a newer version of the harness may support it",
                event=number,
            )
        if before is None or before < 0:
            message = f"its previous event is {_shown(previous)}, which is not a valid ID"
            raise HistoryError(self._file, message, "export the history again", event=number, type=kind)
        if time is None:
            message = f"its time is {_shown(moment)}: expected ISO 8601 with a time zone"
            raise HistoryError(self._file, message, "export the history again", event=number, type=kind)
        return Event(number, before, kind, details, time)


def _number(value: Json) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def machine_of(arn: str) -> str:
    """Return the ARN of an execution's machine; "" if the ARN is not an execution ARN.

    >>> machine_of("arn:aws:states:eu-west-1:111111111111:express:orders:run-1:0f3c")
    'arn:aws:states:eu-west-1:111111111111:stateMachine:orders'
    """
    parts = arn.split(":")
    if len(parts) < 8 or parts[5] not in ("execution", "express"):
        return ""
    return ":".join([*parts[:5], "stateMachine", parts[6]])


def name_of(arn: str) -> str:
    """Return an execution's name from its ARN; "" for any other ARN."""
    parts = arn.split(":")
    return parts[7] if len(parts) >= 8 and parts[5] in ("execution", "express") else ""


def by_execution(found: Found) -> Iterator[tuple[str, list[Event]]]:
    """Return the events of each execution in a file, with its ARN, in the order in which they start."""
    groups: dict[str, list[Event]] = {}
    for arn, event in found.events:
        groups.setdefault(arn, []).append(event)
    yield from groups.items()
