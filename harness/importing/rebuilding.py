"""Calls the project's file to rebuild the environment of executions, and removes proprietary data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.importing.hiding import Hiding
from harness.importing.recorded import Kept, Rebuilt, Recorded
from harness.project_file import project_module, raised_at
from harness.scenario_files import commented
from harness.settings import SettingsError

NAME: Final = "seed_of"
"""The function in a project's file that rebuilds the environment."""
SETTING: Final = "seeds"
_SHAPES: Final = {
    "comments": (Mapping, "a mapping from paths to strings"),
    "expect": (Mapping, "a mapping in the format of expect"),
    "faults": (Sequence, "a list of entries in the format of faults"),
    "names": (Mapping, "a mapping from names to names"),
    "seed": (Mapping, "a mapping in the format of seed"),
    "unknown": (Sequence, "a list of sentences"),
}


def rebuilt(path: Path, executions: Sequence[Recorded]) -> Rebuilt:
    """Return the environment of executions as rebuilt by the project's file.

    Raises:
        SettingsError: the file cannot be imported, or does not define the function, or the function raises an
            exception or returns something else.
    """
    function = getattr(project_module(path, SETTING), NAME, None)
    if not callable(function):
        said = "it has no" if function is None else f"{function!r} is not a valid"
        remedy = "define one (see harness.importing.recorded)"
        raise SettingsError(f"{path}: {said} function {NAME}; {remedy}")
    try:
        found = function(tuple(executions))
        _check(found)
    except (Exception, SystemExit) as error:
        if isinstance(error, _WrongShape):
            raise SettingsError(f"{_place(path, function)}: {error}") from error
        raise SettingsError(f"{raised_at(error, path)}; raised in {NAME}: correct it") from error
    assert isinstance(found, Rebuilt)
    return found


class _WrongShape(Exception):
    """An invalid result. The message shows the result and the required type."""


def _check(found: object) -> None:
    if not isinstance(found, Rebuilt):
        raise _WrongShape(f"{NAME} returned {_shown(found)}; return a harness.importing.recorded.Rebuilt")
    for name, (shape, wanted) in _SHAPES.items():
        value = getattr(found, name)
        if not isinstance(value, shape) or isinstance(value, str):
            raise _WrongShape(f"{NAME} returned {name}={_shown(value)}; return {wanted}")
    for name, value in (("unknown", found.unknown), ("names", [*found.names, *found.names.values()])):
        if wrong := [each for each in value if not isinstance(each, str)]:
            raise _WrongShape(f"{NAME} returned {_shown(wrong[0])} in {name}; return a string")
    if wrong_faults := [each for each in found.faults if not isinstance(each, Mapping)]:
        raise _WrongShape(f"{NAME} returned {_shown(wrong_faults[0])} in faults; return a mapping")
    for old, new in found.names.items():
        if old and old.lower() in new.lower():
            raise _WrongShape(
                f"{NAME} returned names={{{old!r}: {new!r}}}, which reveals the name; return a different name"
            )


def _shown(value: object) -> str:
    text = re.sub(r" at 0x[0-9a-f]+", "", repr(value))
    return text if len(text) <= 60 else f"{text[:57]}..."


def _place(path: Path, function: Callable[..., object]) -> str:
    code = getattr(function, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code is not None else str(path)


@dataclass(frozen=True)
class World:
    """An environment without proprietary names and data, with comments: parts of a scenario."""

    seed: dict[str, Any]
    faults: list[Any]
    expect: dict[str, Any]
    unknown: tuple[str, ...]


def world_of(found: Rebuilt, hiding: Hiding) -> World:
    """Return the parts of a scenario that represent an environment."""
    sentences = tuple(hiding.name(each) for each in found.unknown)
    comments = dict(found.comments)
    faults = [
        commented(_hidden(dict(each), hiding), hiding.name(comments.get((number,), "")))
        for number, each in enumerate(found.faults)
    ]
    seed = _hidden(dict(found.seed), hiding, comments)
    return World(seed, faults, _hidden(dict(found.expect), hiding), sentences)


def _hidden(
    value: Any,
    hiding: Hiding,
    comments: Mapping[tuple[str | int, ...], str] | None = None,
    way: tuple[str | int, ...] = (),
) -> Any:
    """Return a value with names and data replaced. Keys are resource names or scenario keys."""
    made: Any
    if isinstance(value, Kept):
        made = _named(value.value, hiding)
    elif isinstance(value, Mapping):
        made = {
            hiding.name(str(key)): _hidden(each, hiding, comments, (*way, str(key)))
            for key, each in value.items()
        }
    elif isinstance(value, list | tuple):
        made = [_hidden(each, hiding, comments, (*way, number)) for number, each in enumerate(value)]
    elif isinstance(value, str) and hiding.knows(value):
        made = hiding.name(value)
    else:
        made = hiding.value(value)
    comment = (comments or {}).get(way, "")
    return commented(made, hiding.name(comment)) if comment else made


def _named(value: Any, hiding: Hiding) -> Any:
    if isinstance(value, str):
        return hiding.name(value)
    if isinstance(value, Mapping):
        return {hiding.name(str(key)): _named(each, hiding) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_named(each, hiding) for each in value]
    return value
