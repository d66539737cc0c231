"""Finds state machine tasks that use a resource that is not supported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.json_types import Json, as_dict
from harness.stack.model import Stack
from harness.stack.template import look_at


class Use(NamedTuple):
    """A state that uses a resource that is not supported. Both are identified by their names in the
    template.
    """

    machine: str
    state: str
    resource: str


def uses_in(stack: Stack, machine: str, definition: Json) -> Sequence[Use]:
    """Return each use in the definition of the state machine with this logical ID."""
    mentioned = _mentioned(stack, machine)
    return [
        Use(machine, state, name)
        for state, task in states_in(definition)
        if isinstance(task, dict) and task.get("Type") == "Task"
        for name, resource in stack.not_served.items()
        if _is_used(task, resource.physical_id, named=name in mentioned)
    ]


def _mentioned(stack: Stack, machine: str) -> frozenset[str]:
    """Return the resources whose logical IDs occur in the template's declaration of a machine."""
    origin = stack.origins.get(machine)
    if origin is None:
        return frozenset(stack.not_served)
    declared = as_dict(look_at(origin.template)["Resources"]).get(origin.logical_id)
    words = frozenset(re.findall(r"\w+", json.dumps(declared)))
    return frozenset(name for name in stack.not_served if _id(stack, name) in words)


def _id(stack: Stack, name: str) -> str:
    return stack.origins[name].logical_id if name in stack.origins else name


def states_in(value: Json) -> Iterator[tuple[str, Json]]:
    """Return the states in a definition with their names, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from states_in(each)
    elif isinstance(value, dict):
        states = value.get("States")
        yield from states.items() if isinstance(states, dict) else ()
        for each in value.values():
            yield from states_in(each)


def inline_maps(definition: Json) -> Iterator[str]:
    """Return the names of the inline Map states in a definition, at any depth."""
    for name, state in states_in(definition):
        processor = as_dict(as_dict(state).get("ItemProcessor"))
        mode = as_dict(processor.get("ProcessorConfig")).get("Mode", "INLINE")
        if as_dict(state).get("Type") == "Map" and mode == "INLINE":
            yield name


def _is_used(value: Json, physical_id: str, *, named: bool) -> bool:
    """Return whether a task contains the resource's ARN, or its name if the template refers to the
    resource.
    """
    if isinstance(value, dict):
        return any(_is_used(each, physical_id, named=named) for each in value.values())
    if isinstance(value, list):
        return any(_is_used(each, physical_id, named=named) for each in value)
    if not isinstance(value, str):
        return False
    if physical_id.startswith("arn:"):
        return physical_id in value
    return named and physical_id in re.split(r"[:/]", value)
