"""Runs part of a machine in the interpreter, to find out where a failure or an input leads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from harness.coverage.edges import Edge
from harness.coverage.flat import ANY, FlatState, Shape
from harness.coverage.reached import reached
from harness.json_types import Json, JsonObject, as_dict
from harness.observe.model import Execution, HistoryEvent
from harness.states import Execution as Played
from harness.states import (
    Identity,
    InvalidDefinition,
    Limits,
    Livelock,
    Simulation,
    TaskFailed,
    TaskRequest,
    TaskSucceeded,
    Work,
    parse,
)

_IDENTITY = Identity("arn:aws:states:us-east-1:123456789012:stateMachine:rehearsal", "arn:aws:iam::1:role/r")
_MOST_EVENTS = 400


class _Port:
    """Fails the tasks in some states. All other tasks return an empty result."""

    def __init__(self, failures: Mapping[str, tuple[str, str]]) -> None:
        self._failures = failures

    def start(self, request: TaskRequest) -> Work:
        """Start an attempt."""
        failure = self._failures.get(request.state_name)
        return Work.done(TaskFailed(*failure) if failure else TaskSucceeded({}), 0.1)


def rehearsed(
    shape: Shape, state: FlatState, given: str, failures: Mapping[str, tuple[str, str]], number: str = ""
) -> frozenset[Edge]:
    """Return the edges that are reached from a state with an input if tasks fail with an error and a cause.

    `failures` is keyed by state name in the shape. `number` replaces `<n>` in these names. Return nothing if
    the part cannot run, for example because it requires variables.
    """
    workflow = _around(shape, state)
    states = as_dict(workflow.get("States"))
    machine: JsonObject = {
        "StartAt": state.name,
        "QueryLanguage": shape.definition.get("QueryLanguage") or "JSONPath",
        "States": {name: states[name] for name in _following(states, state.name)},
    }
    by_name = {name.replace(ANY, number): failure for name, failure in failures.items()}
    try:
        parsed = parse(json.dumps(machine).replace(ANY, number))
        simulation = Simulation(_Port(by_name), limits=Limits(history_events=_MOST_EVENTS))
        played = simulation.start(parsed, _IDENTITY, given or "{}", name="rehearsal")
        simulation.scheduler.run()
    except (InvalidDefinition, Livelock, ValueError):
        return frozenset()
    return frozenset(reached(_observed(played, given), shape))


def _observed(played: Played, given: str) -> Execution:
    events = tuple(
        HistoryEvent(each.id, each.previous, each.type, _moment(each.time), as_dict(each.details))
        for each in played.history.events
    )
    status, began = played.status.value, _moment(played.started_at)
    return Execution(played.arn, "", "", "", status, began, None, given, None, None, None, events)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _around(shape: Shape, state: FlatState) -> JsonObject:
    """Return the workflow that contains a state."""
    found: Json = shape.definition
    for key in state.keys[:-2]:
        if isinstance(found, dict):
            found = found[str(key)]
        elif isinstance(found, list):
            found = found[int(key)]
    return as_dict(found)


def _following(states: JsonObject, start: str) -> list[str]:
    """Return a state and the states after it. Other states would be unreachable and therefore rejected."""
    found, waiting = {start: None}, [start]
    while waiting:
        fields = as_dict(states.get(waiting.pop()))
        entries = [
            each
            for key in ("Choices", "Catch")
            if isinstance(given := fields.get(key), list)
            for each in given
        ]
        for each in [fields, *map(as_dict, entries)]:
            for to in (each.get("Next"), each.get("Default")):
                if isinstance(to, str) and to in states and to not in found:
                    found[to] = None
                    waiting.append(to)
    return list(found)
