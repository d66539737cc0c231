"""Types that settings have: each checks a value of pyproject.toml, and makes it the value that is used."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

Value = str | Path | tuple[Path | str, ...] | Mapping[str, str] | bool | None
_TOML: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a float"),
    (str, "a string"),
    (list, "an array"),
    (dict, "a table"),
    (datetime, "a date-time"),
    (date, "a date"),
    (time, "a time"),
)


def toml_type(value: object) -> str:
    """The type of a value in TOML's words, such as "an array"."""
    return next((word for kind, word in _TOML if isinstance(value, kind)), type(value).__name__)


@dataclass(frozen=True)
class Kind:
    """A type of settings: `hints` are its annotations, `word` names it in the reference.

    `problems` yields what is wrong with a value of pyproject.toml. `value` converts one that is right, or the
    text of an option or a variable; relative paths begin at the folder that it is given.
    """

    word: str
    hints: tuple[object, ...]
    problems: Callable[[str, object], Iterator[str]]
    value: Callable[[object, Path], Value]

    def rooted(self, value: Value, root: Path) -> Value:
        """A default with its relative paths in `root`."""
        if isinstance(value, Path):
            return root / value
        if isinstance(value, tuple):
            return tuple(root / entry if isinstance(entry, Path) else entry for entry in value)
        return value


def _text_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{name} must be a string, not {toml_type(value)}"
    elif not value:
        yield f"{name} is empty; give it a value or remove the key"


def _list_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{name} must be an array of strings, not {toml_type(value)}"
        return
    if not value:
        yield f"{name} is empty; give it a value or remove the key"
    for number, entry in enumerate(value):
        yield from _text_problems(f"{name}[{number}]", entry)


def _switch_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, bool | list):
        yield f"{name} must be false or an array of strings, not {toml_type(value)}"
    elif isinstance(value, list) and value:
        yield from _list_problems(name, value)


def _switch(value: object, folder: Path) -> tuple[str, ...] | bool:
    """False for what is off; what of it is off otherwise."""
    if isinstance(value, bool):
        return () if value else False
    return _strings(value, folder)


def _table_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{name} must be a table, not {toml_type(value)}"
        return
    for key, entry in value.items():
        if not isinstance(entry, str | int | float):
            yield f"{name}.{key} must be a string, a number or a boolean, not {toml_type(entry)}"


def _parameter(value: object) -> str:
    """A value as CloudFormation takes it: text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _paths(value: object, root: Path) -> tuple[Path, ...]:
    entries = value if isinstance(value, list) else str(value).split(os.pathsep)
    return tuple(root / str(entry) for entry in entries)


def _strings(value: object, _: Path) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else str(value).split(",")
    return tuple(str(entry) for entry in entries)


def _table(value: object, _: Path) -> Mapping[str, str]:
    return {key: _parameter(entry) for key, entry in value.items()} if isinstance(value, dict) else {}


KINDS: tuple[Kind, ...] = (
    Kind("string", (str, str | None), _text_problems, lambda value, _: str(value)),
    Kind("path", (Path, Path | None), _text_problems, lambda value, root: root / str(value)),
    Kind("array of paths", (tuple[Path, ...],), _list_problems, _paths),
    Kind("array of strings", (tuple[str, ...],), _list_problems, _strings),
    Kind("false or array of strings", (tuple[str, ...] | bool,), _switch_problems, _switch),
    Kind("table", (Mapping[str, str],), _table_problems, _table),
)
