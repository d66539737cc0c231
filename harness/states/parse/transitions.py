"""Checks for the whole definition: targets, reachability, ends, names.

Rules and messages are from AWS's ValidateStateMachineDefinition. Messages about a missing target call it
'Next', regardless of the field. A workflow without an end state is reported once, and its unreachable states
are not reported in addition.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from harness.json_types import Json, JsonObject
from harness.quotas import STATES_NAME_LENGTH

from .problems import MISSING_TRANSITION_TARGET, Problems


def check_transitions(definition: JsonObject, problems: Problems) -> None:
    """Report problems in the machine's graph."""
    _check_names(definition, problems)
    _check_targets(definition, "", problems)


def states_of(workflow: Json) -> dict[str, JsonObject]:
    """Return a workflow's states by name. Skip values that are not objects."""
    states = workflow.get("States") if isinstance(workflow, dict) else None
    if not isinstance(states, dict):
        return {}
    return {name: state for name, state in states.items() if isinstance(state, dict)}


def _leads_on(state: JsonObject) -> bool:
    """Return whether a state cannot be an end state. A state with neither Next nor End can be one."""
    kind = state.get("Type")
    if kind in ("Succeed", "Fail") or state.get("End") is True:
        return False
    return kind == "Choice" or isinstance(state.get("Next"), str)


def inner_workflows(state: JsonObject, location: str) -> Iterator[tuple[JsonObject, str]]:
    """Return the workflows inside a state, with their positions."""
    branches = state.get("Branches")
    if isinstance(branches, list):
        for index, branch in enumerate(branches):
            if isinstance(branch, dict):
                yield branch, f"{location}/Branches[{index}]"
    for field in ("ItemProcessor", "Iterator"):
        processor = state.get(field)
        if isinstance(processor, dict):
            yield processor, f"{location}/{field}"


def targets_of(state: JsonObject, location: str) -> Iterator[tuple[str, str]]:
    """Return a state's targets, with the positions of the fields that name them."""
    following = state.get("Next")
    if isinstance(following, str):
        yield following, f"{location}/Next"
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            following = entry.get("Next") if isinstance(entry, dict) else None
            if isinstance(following, str):
                yield following, f"{location}/{field}[{index}]/Next"
    default = state.get("Default")
    if isinstance(default, str):
        yield default, f"{location}/Default"


def _check_targets(workflow: JsonObject, location: str, problems: Problems) -> None:
    states = states_of(workflow)
    endless = bool(states) and all(_leads_on(state) for state in states.values())
    named = workflow.get("States")
    names = named if isinstance(named, dict) else {}
    start = workflow.get("StartAt")
    places = [(start, f"{location}/StartAt")] if isinstance(start, str) else []
    for name, state in states.items():
        places += targets_of(state, f"{location}/States/{name}")
    for target, place in places:
        if target not in names:
            problems.add(MISSING_TRANSITION_TARGET, f"Missing 'Next' target: {target}", place)
    if not endless:
        reached = _reachable(states, start)
        for name in states:
            if name not in reached:
                problems.add(
                    MISSING_TRANSITION_TARGET,
                    f'State "{name}" is not reachable.',
                    f"{location}/States/{name}",
                )
    for name, state in states.items():
        for inner, place in inner_workflows(state, f"{location}/States/{name}"):
            _check_targets(inner, place, problems)
    if endless:
        problems.add("MISSING_END_STATE", "Workflow has no terminal state", location or None)


def _reachable(states: dict[str, JsonObject], start: object) -> set[str]:
    reached: set[str] = set()
    waiting = [start] if isinstance(start, str) else []
    while waiting:
        name = waiting.pop()
        if name in states and name not in reached:
            reached.add(name)
            waiting += [target for target, _ in targets_of(states[name], "")]
    return reached


def _check_names(definition: JsonObject, problems: Problems) -> None:
    names: set[str] = set()
    labels: set[str] = set()
    waiting = deque([(definition, "")])
    while waiting:
        workflow, location = waiting.popleft()
        for name, state in states_of(workflow).items():
            place = f"{location}/States/{name}"
            if name in names:
                problems.add("DUPLICATE_STATE_NAME", f"Duplicate State name: {name}", place)
            names.add(name)
            if not name:
                problems.add("INVALID_STATE_NAME", "State name cannot be empty", place)
            elif len(name) > STATES_NAME_LENGTH:
                limit = f"exceeds the {STATES_NAME_LENGTH}-character limit allowed by the service"
                problems.add("INVALID_STATE_NAME", f"State name '{name}' {limit}", place)
            label = state.get("Label")
            if isinstance(label, str) and label in labels:
                problems.add("DUPLICATE_LABEL_NAME", f"Duplicate Label name: {label}", f"{place}/Label")
            labels |= {label} if isinstance(label, str) else set()
            waiting += inner_workflows(state, place)
