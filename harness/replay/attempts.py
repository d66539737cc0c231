"""The task attempts in a history, each with its start and its result."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.histories import Event, RecordedExecution
from harness.json_types import Json, json_or_text
from harness.replay.placing import Places, placed

_AROUND: Final = re.compile(r"(.+?)\[(\d+)\]/")
_SCHEDULED: Final = ("ActivityScheduled", "LambdaFunctionScheduled", "TaskScheduled")
_STARTED: Final = ("ActivityStarted", "LambdaFunctionStarted", "TaskStarted")
_SUCCEEDED: Final = ("ActivitySucceeded", "LambdaFunctionSucceeded", "TaskSucceeded")
_TIMED_OUT: Final = ("ActivityTimedOut", "LambdaFunctionTimedOut", "TaskTimedOut")
_FAILED: Final = (
    "ActivityFailed",
    "ActivityScheduleFailed",
    "LambdaFunctionFailed",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStartFailed",
    "TaskFailed",
    "TaskStartFailed",
    "TaskSubmitFailed",
)


@dataclass
class Attempt:
    """One attempt at a task.

    Attributes:
        started: the event that started it; None if it never started.
        submitted: the event with the response to its call, if the task continued after the call.
        ended: the event that ended it; None if the history does not contain its end because it was aborted.
    """

    scheduled: Event
    started: Event | None = None
    submitted: Event | None = None
    ended: Event | None = None

    def note(self, event: Event) -> None:
        """Record one of its events."""
        if event.type in _STARTED:
            self.started = event
        elif event.type == "TaskSubmitted":
            self.submitted = event
        else:
            self.ended = event

    @property
    def succeeded(self) -> bool:
        """Return whether it succeeded."""
        return self.ended is not None and self.ended.type in _SUCCEEDED

    @property
    def timed_out(self) -> bool:
        """Return whether it was ended by one of its state's timeouts."""
        return self.ended is not None and self.ended.type in _TIMED_OUT

    def seconds_to(self, event: Event | None) -> float:
        """Return the seconds from its start to an event."""
        return 0.0 if event is None else max(0.0, event.time - self.scheduled.time)

    @property
    def parameters(self) -> Json:
        """The parameters of its call, or the input to a function or an activity."""
        details = self.scheduled.details
        return json_or_text(str(details.get("parameters", details.get("input", "null"))))

    def number(self, member: str) -> float | None:
        """Return a number in its scheduled event, such as `timeoutInSeconds`."""
        value = self.scheduled.details.get(member)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass
class Visits:
    """The attempts for one state in the same iterations, grouped by visit."""

    in_order: list[list[Attempt]] = field(default_factory=list)
    by_visit: dict[int, list[Attempt]] = field(default_factory=dict)

    def add(self, visit: int, attempt: Attempt) -> None:
        """Add the next attempt, for the visit with this ID."""
        if visit not in self.by_visit:
            self.by_visit[visit] = []
            self.in_order.append(self.by_visit[visit])
        self.by_visit[visit].append(attempt)

    def attempt(self, visit: int, number: int) -> Attempt | None:
        """Return the attempt with this visit number and attempt number, both counted from 0."""
        attempts = self.in_order[visit] if visit < len(self.in_order) else []
        return attempts[number] if number < len(attempts) else None


def state_of(place: str) -> str:
    """Return the state name in a place: `Sign` for `Map[3]/Sign`."""
    *_, end = (0, *(match.end() for match in _AROUND.finditer(place)))
    return place[end:]


def iterations_of(place: str) -> Iterator[tuple[str, int]]:
    """Yield the Maps that enclose a place, with their iteration indexes: `Map` and 3 for `Map[3]/Sign`."""
    yield from ((name, int(index)) for name, index in _AROUND.findall(place))


def attempts_of(
    execution: RecordedExecution, renamed: Mapping[str, str], places: Places | None = None
) -> dict[str, Visits]:
    """Return the attempts by place. A place consists of iterations and a state: `Map[3]/Sign`.

    Args:
        renamed: maps a state's old name to its current name.
        places: the places of the history's events, if they are known.
    """
    found: dict[str, Visits] = {}
    last: dict[int, Attempt] = {}
    places = places or placed(execution.events)
    for event in execution.events:
        place = places[event.id]
        if event.type in _SCHEDULED:
            key = place_of(place.iterations, place.state, renamed)
            attempt = last[place.visit] = Attempt(event)
            found.setdefault(key, Visits()).add(place.visit, attempt)
        elif event.type in _ENDS and place.visit in last:
            last[place.visit].note(event)
    return found


_ENDS: Final = frozenset((*_STARTED, *_SUCCEEDED, *_TIMED_OUT, *_FAILED, "TaskSubmitted"))


def place_of(iterations: str, state: str, renamed: Mapping[str, str]) -> str:
    """Return a task's place, with the current state names."""
    around = "".join(f"{renamed.get(name, name)}[{index}]/" for name, index in iterations_of(iterations))
    return f"{around}{renamed.get(state, state)}"
