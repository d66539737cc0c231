"""Finds imported executions that were started by other imported executions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from harness.histories import Event, RecordedExecution
from harness.importing.model import events_text
from harness.json_types import Json, as_dict, json_or_text
from harness.replay.placing import placed

_SHORTEST: Final = 6
"""Minimum length of a name. A shorter name may match by chance."""
_TASKS: Final = ("Activity", "LambdaFunction", "TaskS")
_STARTED_BY: Final = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"


@dataclass(frozen=True)
class Child:
    """An execution that another execution started.

    Attributes:
        parent: the execution that started it.
        how: a description of the evidence; `guessed` if the only evidence is the time.
        state: the state of the parent whose task started it; "" if unknown.
    """

    execution: RecordedExecution
    parent: RecordedExecution
    how: str
    guessed: bool = False
    state: str = ""


def children_in(executions: Sequence[RecordedExecution]) -> tuple[Child, ...]:
    """Return the executions that were started by others in the list."""
    found: list[Child] = []
    for each in sorted(executions, key=_order):
        others = [other for other in executions if other is not each and _order(other) <= _order(each)]
        # If two executions have the same times, each may seem to have started the other.
        mine = [child.execution for child in found if child.parent is each]
        child = _child(each, [other for other in others if all(other is not one for one in mine)])
        if child is not None:
            found.append(child)
    return tuple(found)


def _order(execution: RecordedExecution) -> tuple[float, float]:
    """Return a sort key that puts an execution before its children, which end before it."""
    return execution.started, -execution.events[-1].time


def is_same_machine(one: RecordedExecution, other: RecordedExecution) -> bool:
    """Return whether two executions belong to the same state machine, by ARN, or else by state names."""
    if one.machine_arn and other.machine_arn:
        return one.machine_arn == other.machine_arn
    states = set(one.states), set(other.states)
    return len(states[0] & states[1]) * 2 >= min(map(len, states))


def _child(execution: RecordedExecution, earlier: Sequence[RecordedExecution]) -> Child | None:
    before = [each for each in earlier if not is_same_machine(each, execution)]
    for way in (_by_name, _by_input):
        for parent in before:
            if (event := way(execution, parent)) is not None:
                return Child(execution, parent, events_text(event), state=_starting(event, parent))
    for parent in before:
        if parent.name and _stands_in(parent.name, execution.input):
            return Child(execution, parent, "its input, which contains the name of that execution")
    end = execution.events[-1].time
    while_ = [each for each in before if each.started < execution.started and end <= each.events[-1].time]
    if len(while_) == 1:
        return Child(execution, while_[0], "the time: it ran during that execution", guessed=True)
    return None


def _by_name(execution: RecordedExecution, parent: RecordedExecution) -> Event | None:
    """Return the task event that contains an execution's ARN, or the names of the execution and
    its machine.
    """
    for event in parent.events:
        if not event.type.startswith(_TASKS):
            continue
        text = json.dumps(dict(event.details), ensure_ascii=False)
        if execution.arn and execution.arn in text:
            return event
        if execution.machine_arn and execution.machine_arn in text and _stands_in(execution.name, text):
            return event
    return None


def _by_input(execution: RecordedExecution, parent: RecordedExecution) -> Event | None:
    """Return the event with which a task in a parent starts an execution with its input."""
    for event in parent.events:
        if event.type != "TaskScheduled" or not event.text("resource").startswith("startExecution"):
            continue
        given = as_dict(json_or_text(event.text("parameters"))).get("Input", {})
        value = json_or_text(given) if isinstance(given, str) else given
        if _plain(value) == _plain(json_or_text(execution.input)) and event.time <= execution.started:
            return event
    return None


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: each for key, each in value.items() if key != _STARTED_BY}
    return value


def _stands_in(name: str, text: str) -> bool:
    form = rf"(?<![\w-]){re.escape(name)}(?![\w-])"
    return len(name) >= _SHORTEST and re.search(form, text) is not None


def _starting(event: Event, parent: RecordedExecution) -> str:
    """Return the state whose task starts an execution, given one of its events; "" for any other task."""
    places = placed(parent.events)
    place = places[event.id]
    starts = [
        each
        for each in parent.events[: event.id]
        if each.type == "TaskScheduled" and each.text("resource").startswith("startExecution")
    ]
    return place.state if any(places[each.id].visit == place.visit for each in starts) else ""


def without(execution: RecordedExecution, states: Sequence[str]) -> Iterator[Event]:
    """Yield an execution's events, except for events of tasks in certain states."""
    places = placed(execution.events)
    for event in execution.events:
        is_own = event.type.startswith(("Execution", "TaskState"))
        if is_own or places[event.id].state not in states:
            yield event
