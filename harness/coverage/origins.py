"""Finds the origin of a value in a state's input: the run's input, a task result, or an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.coverage.failures import taker
from harness.coverage.flat import FlatState
from harness.coverage.model import Machine, Witness
from harness.json_types import Json, as_dict

Path = tuple[str, ...]
_PATH = re.compile(r"\$((?:\.[A-Za-z_][\w-]*)*)")
_JSONATA = re.compile(r"\$states\.input((?:\.[A-Za-z_]\w*)*)")
_RESULT = re.compile(r"\s*\{%\s*\$states\.result((?:\.[A-Za-z_]\w*)*)\s*%\}\s*")
_INPUT = re.compile(r"\s*\{%\s*\$states\.input((?:\.[A-Za-z_]\w*)*)\s*%\}\s*")


@dataclass(frozen=True)
class Origin:
    """The origin of a value: the state that returns it at `path` or fails with it, or "" for the run's input.

    `raw` is the state's original name, and `state` its name in the shape.
    """

    raw: str
    state: str
    path: Path
    failed: bool = False


class Untraceable(Exception):
    """The origin of a value cannot be determined. The message gives the reason."""


def path_of(text: str) -> Path | None:
    """Return the members of a simple path such as `$.a.b`, or None for any other path."""
    found = _PATH.fullmatch(text)
    return tuple(found[1].split(".")[1:]) if found else None


def paths_in(condition: str) -> tuple[Path, ...]:
    """Return the members of the input that a JSONata expression refers to."""
    return tuple(dict.fromkeys(tuple(each.split(".")[1:]) for each in _JSONATA.findall(condition)))


def origin(machine: Machine, witness: Witness, path: Path) -> Origin:
    """Return the origin of a member of a visited state's input. Raises Untraceable."""
    for raw, name, error in reversed(witness.path):
        state = machine.shape.states.get(name)
        if state is None:
            raise Untraceable(f"its path includes {raw}, which the definition does not have")
        inside = _is_around(machine, witness, state)
        if inside:
            path = _within(state, path)
            continue
        found = _before(state, raw, path, error)
        if isinstance(found, Origin):
            return found
        path = found
    if not witness.own:
        raise Untraceable("it comes from the input of an execution that a different execution starts")
    return Origin("", "", path)


def _is_around(machine: Machine, witness: Witness, state: FlatState) -> bool:
    """Return whether a state on the path is a parent of the visited state."""
    inner = machine.shape.states.get(witness.name)
    while inner is not None and inner.inside:
        if inner.inside == state.name:
            return True
        inner = machine.shape.states.get(inner.inside)
    return False


def _within(state: FlatState, path: Path) -> Path:
    """Translate a path in the input of a branch's first state to a path in the Parallel state's input."""
    if state.type == "Map":
        raise Untraceable(f"it comes from an item of {state.raw}")
    return _input(
        state, _through(state, path, state.fields.get("Parameters") or state.fields.get("Arguments"))
    )


def _before(state: FlatState, raw: str, path: Path, error: str) -> Origin | Path:
    """Translate a path in a state's output to a path in its input, or return the origin in its result or
    error.
    """
    fields = state.fields
    if error:
        return _of_error(state, raw, path, error)
    if "Output" in fields:
        return _of_output(state, raw, path)
    output = fields.get("OutputPath", "$")
    outer = path_of(str(output)) if output is not None else None
    if outer is None:
        raise Untraceable(f"{raw} creates it with OutputPath {output}")
    path = (*outer, *path)
    if state.type in ("Wait", "Choice"):
        return _input(state, path)
    jsonata = "Arguments" in fields or fields.get("QueryLanguage") == "JSONata"
    at = () if jsonata else _result_path(state, raw)
    if at is None or path[: len(at)] != at:
        return path if at is None or state.type != "Pass" else _input(state, path)
    rest = path[len(at) :]
    if state.type == "Pass":
        if "Result" in fields:
            raise Untraceable(f"{raw} sets it to the value of its Result")
        return _input(state, _through(state, rest, fields.get("Parameters")))
    if state.type in ("Parallel", "Map"):
        raise Untraceable(f"it comes from the results of {raw}")
    return Origin(raw, state.name, _through(state, rest, fields.get("ResultSelector")))


def _of_output(state: FlatState, raw: str, path: Path) -> Origin | Path:
    value = state.fields["Output"]
    while isinstance(value, dict) and path:
        if path[0] not in value:
            raise Untraceable(f"the Output of {raw} does not have it")
        value, path = value[path[0]], path[1:]
    text = str(value)
    if found := _RESULT.fullmatch(text):
        return Origin(raw, state.name, (*found[1].split(".")[1:], *path))
    if found := _INPUT.fullmatch(text):
        return (*found[1].split(".")[1:], *path)
    raise Untraceable(f"{raw} computes it in its Output")


def _of_error(state: FlatState, raw: str, path: Path, error: str) -> Origin | Path:
    given = state.fields.get("Catch")
    catchers = [as_dict(each) for each in given] if isinstance(given, list) else []
    found = taker(catchers, error)
    if found is None:
        raise Untraceable(f"{raw} was left by a transition that the history does not contain")
    at = catchers[found[0]].get("ResultPath", "$")
    members = path_of(str(at)) if at is not None else None
    if members is not None and path[: len(members)] == members:
        return Origin(raw, state.name, path[len(members) :], failed=True)
    return path


def _result_path(state: FlatState, raw: str) -> Path | None:
    given = state.fields.get("ResultPath", "$")
    if given is None:
        return None
    found = path_of(str(given))
    if found is None:
        raise Untraceable(f"the ResultPath of {raw} is {given}")
    return found


def _input(state: FlatState, path: Path) -> Path:
    given = state.fields.get("InputPath", "$")
    outer = path_of(str(given)) if given is not None else None
    if outer is None:
        raise Untraceable(f"the InputPath of {state.raw} is {given}")
    return (*outer, *path)


def _through(state: FlatState, path: Path, template: Json) -> Path:
    """Translate a path in a template's value to a path in its input data."""
    while isinstance(template, Mapping) and template:
        if not path:
            raise Untraceable(f"{state.raw} creates it from several values")
        name, path = path[0], path[1:]
        if f"{name}.$" in template:
            text = str(template[f"{name}.$"])
            found = path_of(text)
            if found is None:
                raise Untraceable(f"{state.raw} computes it: {text}")
            return (*found, *path)
        if name not in template:
            raise Untraceable(f"{state.raw} does not set it")
        template = template[name]
        if not isinstance(template, Mapping):
            raise Untraceable(f"{state.raw} sets it to {template!r}")
    return path
