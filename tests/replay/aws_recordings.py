"""AWS recordings as histories, with masked values restored as far as they are known.

The recordings mask times, IDs of parallel flows, and function names. Consecutive times are a tenth of a
second apart. Links within Parallel states follow from the definition.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recording_replay import Case, Event

from harness.histories import Event as Recorded
from harness.histories import RecordedExecution, joined
from harness.json_types import Json

# Within a year before the times that executions wait for, which were moved after the recording.
START = 1_767_225_600.123
ARN = "arn:aws:states:us-east-1:111111111111:execution:machine:execution"
_TEXTS = ("input", "output", "parameters")


def definition_of(case: Case) -> str:
    """The definition as text."""
    definition = case["definition"]
    return definition if isinstance(definition, str) else json.dumps(definition)


def execution_of(case: Case) -> RecordedExecution:
    """A case as an execution."""
    events = [_event(number, event) for number, event in enumerate(_linked(case), start=1)]
    started = events[0].details
    events[0] = Recorded(1, 0, events[0].type, {**started, "input": case["input"]}, events[0].time)
    return joined(Path(f"{case['id']}.json"), events, ARN)


def _event(number: int, event: Event) -> Recorded:
    details = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
    shown: dict[str, Json] = {name: _text(name, value) for name, value in details.items()}
    return Recorded(number, event["previousEventId"], event["type"], shown, START + number * 0.1)


def _text(name: str, value: Any) -> Any:
    """The recordings show some JSON strings parsed."""
    if name == "assignedVariables":
        return {key: _text("output", each) for key, each in value.items()}
    if name in (*_TEXTS, "cause") and not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"))
    return value


def _linked(case: Case) -> list[Event]:
    """The events. Masked Parallel events are ordered by branch, with their end restored."""
    events: list[Event] = [dict(event) for event in case["events"]]
    masked = [event for event in events if isinstance(event["id"], list)]
    if not masked:
        return events
    first = events.index(masked[0])
    by_name = {(_name(event), event["type"].endswith("Entered")): event for event in masked}
    found = events[:first]
    for branch in _branches(json.loads(definition_of(case))):
        previous, state = first, branch["StartAt"]
        while state:
            for entered in (True, False):
                number = len(found) + 1
                found.append({**by_name[state, entered], "id": number, "previousEventId": previous})
                previous = number
            state = branch["States"][state].get("Next")
    found.append({"type": "ParallelStateSucceeded", "id": len(found) + 1, "previousEventId": len(found)})
    return found + events[first + len(masked) :]


def _branches(definition: Any) -> list[Any]:
    """The branches of the only Parallel."""
    (parallel,) = (state for state in definition["States"].values() if state["Type"] == "Parallel")
    return list(parallel["Branches"])


def _name(event: Event) -> str:
    return str(next(value["name"] for key, value in event.items() if key.startswith("state")))
