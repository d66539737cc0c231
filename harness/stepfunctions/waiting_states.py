"""The kinds of states in machines, including which states wait for a callback."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.states.asl import Machine, State, Task, states_in
from harness.states.resource import Resource
from harness.stepfunctions.answer import WAITS


def what_states_are(machines: Iterable[Machine]) -> Mapping[str, str]:
    """Return the kind of each state by name: the Resource of a Task, or the type of any other state.

    The kind is WAITS for a state that waits for a callback, even if a different state with the same name does
    not wait.
    """
    found: dict[str, str] = {}
    for machine in {id(machine): machine for machine in machines}.values():
        for state in states_in(machine.workflow):
            what = _what(state)
            if what == WAITS:
                found[state.name] = what
            found.setdefault(state.name, what)
    return found


def waits_outside(resource: Resource) -> bool:
    """Return whether a Resource's tasks wait for their tokens."""
    return resource.waits_for_token or resource.is_activity


def _what(state: State) -> str:
    if not isinstance(state, Task):
        return type(state).__name__
    resource = Resource.of(state.resource)
    if waits_outside(resource):
        return WAITS
    return state.resource if resource.is_function else f"{resource.type}:{resource.name}"
