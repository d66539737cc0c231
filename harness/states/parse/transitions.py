"""Checks of a definition as a whole: targets, reachability, ends, names.

The rules and words are AWS's as ValidateStateMachineDefinition gives them: a missing target is called 'Next'
whatever its field; a top level without an end is reported once and then hides unreachable states.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from harness.json_types import Json, JsonObject
from harness.quotas import STATES_NAME_LENGTH

from .problems import MISSING_TRANSITION_TARGET, Problems


def check_transitions(definition: JsonObject, problems: Problems) -> None:
    """Note what is wrong with the machine's graph."""
    _check_names(definition, problems)
    states = _states(definition)
    endless = bool(states) and not any(_is_terminal(state) for state in states.values())
    _check_targets(definition, "", problems, reachability=not endless)
    if endless:
        problems.add("MISSING_END_STATE", "Workflow has no terminal state", None)


def _states(workflow: Json) -> dict[str, JsonObject]:
    states = workflow.get("States") if isinstance(workflow, dict) else None
    if not isinstance(states, dict):
        return {}
    return {name: state for name, state in states.items() if isinstance(state, dict)}


def _is_terminal(state: JsonObject) -> bool:
    return state.get("End") is True or state.get("Type") in ("Succeed", "Fail")


def _inner(state: JsonObject, location: str) -> Iterator[tuple[JsonObject, str]]:
    """The workflows inside a state, with their places."""
    branches = state.get("Branches")
    if isinstance(branches, list):
        for index, branch in enumerate(branches):
            if isinstance(branch, dict):
                yield branch, f"{location}/Branches[{index}]"
    for field in ("ItemProcessor", "Iterator"):
        processor = state.get(field)
        if isinstance(processor, dict):
            yield processor, f"{location}/{field}"


def _targets(state: JsonObject, location: str) -> Iterator[tuple[str, str]]:
    """The names that a state leads to, with the places that name them."""
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


def _check_targets(
    workflow: JsonObject, location: str, problems: Problems, *, reachability: bool = True
) -> None:
    states = _states(workflow)
    start = workflow.get("StartAt")
    places = [(start, f"{location}/StartAt")] if isinstance(start, str) else []
    for name, state in states.items():
        places += _targets(state, f"{location}/States/{name}")
    for target, place in places:
        if target not in states:
            problems.add(MISSING_TRANSITION_TARGET, f"Missing 'Next' target: {target}", place)
    if reachability:
        reached = _reachable(states, start)
        for name in states:
            if name not in reached:
                problems.add(
                    MISSING_TRANSITION_TARGET,
                    f'State "{name}" is not reachable.',
                    f"{location}/States/{name}",
                )
    for name, state in states.items():
        for inner, place in _inner(state, f"{location}/States/{name}"):
            _check_targets(inner, place, problems)


def _reachable(states: dict[str, JsonObject], start: object) -> set[str]:
    reached: set[str] = set()
    waiting = [start] if isinstance(start, str) else []
    while waiting:
        name = waiting.pop()
        if name in states and name not in reached:
            reached.add(name)
            waiting += [target for target, _ in _targets(states[name], "")]
    return reached


def _check_names(definition: JsonObject, problems: Problems) -> None:
    seen: set[str] = set()
    waiting = deque([(definition, "")])
    while waiting:
        workflow, location = waiting.popleft()
        for name, state in _states(workflow).items():
            place = f"{location}/States/{name}"
            if name in seen:
                problems.add("DUPLICATE_STATE_NAME", f"Duplicate State name: {name}", place)
            seen.add(name)
            if not 0 < len(name) <= STATES_NAME_LENGTH:
                problems.add(
                    "INVALID_STATE_NAME", f"State name must be 1 to {STATES_NAME_LENGTH} characters", place
                )
            waiting += _inner(state, place)
