"""A definition as a flat list of states. States that differ only in numbers are merged.

A machine that is created at run time may have a state for each unit of work: `Load0`, `Load1` and so on. They
are merged into one state, `Load<n>`, if they have the same type and Resource. Machines that have the same
states after merging are treated as one machine. States in a machine that a template declares are never
merged, because they are written by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from harness.json_types import Json, JsonObject, as_dict

Key = str | int
_NUMBER = re.compile(r"\d+")
ANY = "<n>"
"""The placeholder for the number in the names of merged states."""


@dataclass(frozen=True)
class FlatState:
    """A state at any depth. `inside` is the parent state, or "" at the top. `raw` is its original name."""

    name: str
    raw: str
    fields: JsonObject
    keys: tuple[Key, ...]
    inside: str = ""

    @property
    def type(self) -> str:
        """The state's type, such as `Task`."""
        return str(self.fields.get("Type"))


class Shape:
    """A definition's states by their names in the shape. In a declared machine, these are the original names.

    `definition` is the whole definition as deployed. For a machine created at run time, it contains each
    merged state once.
    """

    def __init__(self, text: str, *, merged: bool) -> None:
        self._merged = merged
        whole = as_dict(_value(text))
        self._names: dict[str, str] = {}
        found = list(_flat(whole, (), ""))
        if merged:
            self._names = _shape_names(found)
        self.raw: dict[str, str] = {}
        """Name in the shape -> the name of the first such state."""
        for state in found:
            self.raw.setdefault(self.name(state.raw), state.raw)
        self.definition: JsonObject = as_dict(self._once(whole)) if merged else whole
        self.states: dict[str, FlatState] = {state.name: state for state in _flat(self.definition, (), "")}
        self.variants = self._further(found) if merged else {}
        """Name in the shape -> the merged states with a different next state than the one in `states`."""

    @cached_property
    def key(self) -> str:
        """A string that is the same for all machines with the same shape."""
        return json.dumps(sorted((s.name, s.type, s.inside) for s in self.states.values()))

    @property
    def title(self) -> str:
        """A title: the first state, and the first merged state."""
        first = str(self.definition.get("StartAt"))
        many = next((name for name in self.states if ANY in name and name != first), "")
        return f"{first}..{many}" if many else first

    def name(self, raw: str) -> str:
        """Return the name of a state in the shape."""
        return self._names.get(raw, raw)

    def branches(self, state: FlatState) -> Iterator[tuple[str, tuple[Key, ...]]]:
        """Yield the first states of a Parallel state's branches, with their locations."""
        given = state.fields.get("Branches")
        for number, branch in enumerate(given if isinstance(given, list) else []):
            yield self.name(str(as_dict(branch).get("StartAt"))), (*state.keys, "Branches", number)

    def _further(self, found: list[FlatState]) -> dict[str, tuple[FlatState, ...]]:
        kept: dict[tuple[str, str, bool], FlatState] = {}
        for state in found:
            name = self.name(state.raw)
            at = self.states.get(name)
            if at is None:
                continue
            to = self.name(str(state.fields.get("Next", "")))
            if to != at.fields.get("Next", ""):
                fields = {**state.fields, "Next": to} if to else state.fields
                kept[name, to, bool(state.fields.get("End"))] = FlatState(name, state.raw, fields, at.keys)
        further: dict[str, tuple[FlatState, ...]] = {}
        for state in kept.values():
            further[state.name] = (*further.get(state.name, ()), state)
        return further

    def _once(self, workflow: JsonObject) -> JsonObject:
        """Return a workflow that uses the shape's names and contains each state and branch only once."""
        states: JsonObject = {}
        for raw, fields in as_dict(workflow.get("States")).items():
            states.setdefault(self.name(raw), self._state(as_dict(fields)))
        return {**workflow, "StartAt": self.name(str(workflow.get("StartAt"))), "States": states}

    def _state(self, fields: JsonObject) -> JsonObject:
        made: JsonObject = dict(fields)
        for key in ("Next", "Default"):
            if isinstance(made.get(key), str):
                made[key] = self.name(str(made[key]))
        for key in ("Choices", "Catch"):
            given = made.get(key)
            if isinstance(given, list):
                made[key] = [{**as_dict(e), "Next": self.name(str(as_dict(e).get("Next")))} for e in given]
        branches = made.get("Branches")
        if isinstance(branches, list):
            once: dict[str, JsonObject] = {}
            for branch in branches:
                start = self.name(str(as_dict(branch).get("StartAt")))
                if start not in once:
                    once[start] = self._once(as_dict(branch))
                else:
                    _add(once[start], as_dict(branch), self)
            made["Branches"] = list(once.values())
        for key in ("ItemProcessor", "Iterator"):
            if key in made:
                made[key] = self._once(as_dict(made[key]))
        return made


def _add(into: JsonObject, branch: JsonObject, shape: Shape) -> None:
    """Add the states of a branch that other branches with the same shape do not have."""
    states = as_dict(into["States"])
    for raw, fields in as_dict(branch.get("States")).items():
        name = shape.name(raw)
        if name not in states:
            states[name] = shape._state(as_dict(fields))


@lru_cache(maxsize=64)
def shape_of(text: str, *, merged: bool) -> Shape:
    """Return a definition's shape. The shapes of recent definitions are cached."""
    return Shape(text, merged=merged)


def _value(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return {}
    return value


def _flat(workflow: JsonObject, keys: tuple[Key, ...], inside: str) -> Iterator[FlatState]:
    for name, value in as_dict(workflow.get("States")).items():
        fields, place = as_dict(value), (*keys, "States", name)
        yield FlatState(name, name, fields, place, inside)
        branches = fields.get("Branches")
        for number, branch in enumerate(branches if isinstance(branches, list) else []):
            yield from _flat(as_dict(branch), (*place, "Branches", number), name)
        for key in ("ItemProcessor", "Iterator"):
            if key in fields:
                yield from _flat(as_dict(fields[key]), (*place, key), name)


def _shape_names(found: list[FlatState]) -> dict[str, str]:
    """Return the states' names in the shape, by their original names.

    States whose names differ only in numbers keep their names if their content differs.
    """
    kinds: dict[str, set[tuple[str, str]]] = {}
    for state in found:
        resource = _NUMBER.sub("", str(state.fields.get("Resource", "")))
        kinds.setdefault(_NUMBER.sub(ANY, state.raw), set()).add((state.type, resource))
    return {state.raw: shaped for state in found if len(kinds[shaped := _NUMBER.sub(ANY, state.raw)]) == 1}
