"""An execution's history, with its events as GetExecutionHistory returns them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from harness.json_types import JsonObject

from ..errors import RUNTIME, StateFailure

# Fields for which the API reports truncation, e.g. in `inputDetails`. The interpreter never truncates them.
_PAYLOADS: Final = ("input", "output", "assignedVariables")


class Event(NamedTuple):
    """One event.

    Attributes:
        previous: the ID of the preceding event that led to it; 0 if there is none.
        time: seconds since 1970.
        details: the content of `<type>EventDetails` in GetExecutionHistory, without the truncation fields;
            None if the type has no details.
    """

    id: int
    previous: int
    time: float
    type: str
    details: JsonObject | None

    def to_api(self) -> JsonObject:
        """Return the event in the API's format. The timestamp stays a number."""
        shown: JsonObject = {
            "timestamp": self.time,
            "type": self.type,
            "id": self.id,
            "previousEventId": self.previous,
        }
        if self.details is not None:
            details = dict(self.details)
            for payload in _PAYLOADS:
                if payload in details:
                    details[f"{payload}Details"] = {"truncated": False}
            shown[_details_key(self.type)] = details
        return shown


def _details_key(event_type: str) -> str:
    for suffix in ("StateEntered", "StateExited"):
        if event_type.endswith(suffix):
            return f"s{suffix[1:]}EventDetails"
    return f"{event_type[0].lower()}{event_type[1:]}EventDetails"


def failure_details(error: str | None, cause: str | None) -> JsonObject:
    """Return the fields that show an error. Omit None values."""
    details: JsonObject = {}
    if error is not None:
        details["error"] = error
    if cause is not None:
        details["cause"] = cause
    return details


class History:
    """A growing list of events.

    Attributes:
        events: all events; IDs start at 1.
        on_event: called with the ID of each event after it is added.
    """

    __slots__ = ("_limit", "_now", "events", "on_event")

    def __init__(self, now: Callable[[], float], limit: int) -> None:
        self.events: list[Event] = []
        self.on_event: Callable[[int], None] | None = None
        self._now = now
        self._limit = limit

    def add(self, event_type: str, previous: int, details: JsonObject | None = None) -> int:
        """Add an event and return its ID. The last place in the history is reserved for the event that ends
        the execution.

        Raises:
            StateFailure: the history is full. Nothing can catch this failure.
        """
        if len(self.events) + 1 >= self._limit:
            cause = f"The execution reached the maximum number of history events ({self._limit})."
            raise StateFailure(RUNTIME, cause, fatal=True)
        return self.close(event_type, previous, details)

    def close(self, event_type: str, previous: int, details: JsonObject | None = None) -> int:
        """Add the event that ends the execution."""
        number = len(self.events) + 1
        self.events.append(Event(number, previous, self._now(), event_type, details))
        if self.on_event is not None:
            self.on_event(number)
        return number
