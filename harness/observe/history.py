"""Finds its way in an execution's history: which state an event belongs to, and in what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from harness.observe.model import Execution, HistoryEvent

ENTERED = "StateEntered"
EXITED = "StateExited"
# Parallel and Map begin their branches with these; what comes after them is inside.
STARTED = ("ParallelStateStarted", "MapStateStarted", "MapIterationStarted")


class History:
    """An execution's events, and the ways from each one back to where it came from."""

    def __init__(self, execution: Execution) -> None:
        self.events = execution.events
        self._by_id = {event.id: event for event in execution.events}

    def before(self, event: HistoryEvent) -> Iterator[HistoryEvent]:
        """The events that led to this one, the latest first.

        What happened inside a state that was left is passed over, so that only what encloses the event or
        came before it at the same level is met.
        """
        while (previous := self._by_id.get(event.previous_event_id)) is not None:
            yield previous
            event = previous
            if event.type.endswith(EXITED) and (entry := self._entry_of(event)) is not None:
                yield entry
                event = entry

    def entered(self, event: HistoryEvent) -> HistoryEvent | None:
        """The StateEntered event of the state that an event belongs to, which may be itself."""
        return next((e for e in (event, *self.before(event)) if e.type.endswith(ENTERED)), None)

    def enclosing(self, entered: HistoryEvent) -> str:
        """The name of the Parallel or Map state that the state is in, or ""."""
        inside = False
        for event in self.before(entered):
            if inside and event.type.endswith(ENTERED):
                return str(event.details["name"])
            inside = inside or event.type in STARTED
        return ""

    def scheduled(self, event: HistoryEvent) -> HistoryEvent | None:
        """The event with which the task that an event is about was scheduled."""
        for earlier in self.before(event):
            if earlier.type.endswith("Scheduled"):
                return earlier
            if earlier.type.endswith(ENTERED):
                break
        return None

    def of_state(self, entered: HistoryEvent) -> Iterator[HistoryEvent]:
        """The events of one visit of a task, after it was entered, until it was left."""
        came_from = {entered.id}
        for event in self.events:
            if event.id not in came_from and event.previous_event_id in came_from:
                if not event.type.endswith(ENTERED):
                    came_from.add(event.id)
                    yield event
                if event.type.endswith(EXITED):
                    return

    def _entry_of(self, exited: HistoryEvent) -> HistoryEvent | None:
        kind, name = exited.type.removesuffix(EXITED) + ENTERED, exited.details.get("name")
        earlier = (e for e in reversed(self.events) if e.id < exited.id)
        return next((e for e in earlier if e.type == kind and e.details["name"] == name), None)


def parsed(text: str | None) -> Any:
    """The value of JSON text; None when there is none or it is cut short."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


def function_of(scheduled: HistoryEvent) -> str:
    """The name of the function that a task invokes, or "" for a task of another kind."""
    resource = str(scheduled.details.get("resource", ""))
    if scheduled.type == "TaskScheduled":
        parameters = parsed(scheduled.details.get("parameters"))
        is_lambda = scheduled.details.get("resourceType") == "lambda" and isinstance(parameters, Mapping)
        resource = str(parameters.get("FunctionName", "")) if is_lambda else ""
    after = resource.partition(":function:")[2] or resource
    return after.partition(":")[0]


def payload_of(scheduled: HistoryEvent) -> Any:
    """What a task passes on: a function's event, or the parameters of another call."""
    if scheduled.type != "TaskScheduled":
        return parsed(scheduled.details.get("input"))
    parameters = parsed(scheduled.details.get("parameters"))
    return parameters.get("Payload") if function_of(scheduled) else parameters
