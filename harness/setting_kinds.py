"""Types that settings have: each checks a value of pyproject.toml, and makes it the value that is used."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NewType

from harness.acceptance import Acceptance
from harness.acceptance_entries import acceptances, entry_problems
from harness.functions.shared.reach import address_of
from harness.functions.shared.runtimes import PYTHONS
from harness.gate_settings import GateSettings, gate_problems, gate_settings
from harness.image_source import ImageSource
from harness.plain import GivenFunction, GivenTable
from harness.planned import StackEntry
from harness.policy_file import policy_in
from harness.regions import REGION, regions
from harness.setting_parts import parts, parts_problems

HostAndPort = NewType("HostAndPort", str)
"""An address, such as `hooks.slack.com:443`."""
EntryProblems = Callable[[str, Mapping[str, object]], Iterator[str]]
LayerPath = NewType("LayerPath", Path)
"""The folder or zip file that stands for a layer."""
Value = (
    str
    | int
    | Path
    | tuple[Path | str | Acceptance | StackEntry, ...]
    | Mapping[str, Any]
    | GateSettings
    | bool
    | None
)
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""
LAST_WORLD = 999_999_999
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


def stack_name_problem(name: str) -> str:
    """A sentence about what is wrong with a stack's name, or ""."""
    if _STACK_NAME.fullmatch(name):
        return ""
    return (
        f"stack_name {name!r} is not a stack's name; "
        "use up to 128 letters, digits and hyphens, beginning with a letter"
    )


def hang_problem(text: str) -> str:
    """A sentence about what is wrong with the text of the time after which a function hangs, or ""."""
    from harness.scenario.position import RefusedError  # noqa: PLC0415  (start-up)
    from harness.scenario.units import TIME_REMEDY, seconds  # noqa: PLC0415

    try:
        return "" if seconds(text) else f"hang: {text} is too short for anything; {TIME_REMEDY}"
    except RefusedError as error:
        return f"hang: {error}; {TIME_REMEDY}"


def parameters_problem(text: str) -> str:
    """A sentence about what is wrong with the text of parameters, or ""."""
    if text.startswith("{") or re.match(r"[A-Za-z0-9]+=", text):  # a table is checked by its kind
        return ""
    return f"parameters {text!r} have no names; write Name=Value,Name=Value"


def world_problem(text: str) -> str:
    """A sentence about what is wrong with the number of a world, or ""."""
    if text.isascii() and text.isdecimal() and len(text) <= len(str(LAST_WORLD)) and int(text) <= LAST_WORLD:
        return ""
    return f"world {text!r} is impossible; write a whole number from 0 to {LAST_WORLD}"


def region_problem(region: str) -> str:
    """A sentence about what is wrong with the name of a region, or ""."""
    if region == REGION or region in regions():
        return ""
    from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

    return f"there is no region {region!r}; {nearest(region, sorted(regions()))}"


def account_problem(account: str) -> str:
    """A sentence about what is wrong with the id of an account, or ""."""
    return "" if re.fullmatch(r"[0-9]{12}", account) else f"account {account!r} is none; write its 12 digits"


def isolation_problem(text: str) -> str:
    """A sentence about what is wrong with the kind of isolation, or ""."""
    return "" if text in ("best", "required") else f"isolation {text!r} is none; write best or required"


def toml_type(value: object) -> str:
    """The type of a value in TOML's words, such as "an array"."""
    return next((word for kind, word in _TOML if isinstance(value, kind)), type(value).__name__)


@dataclass(frozen=True)
class Kind:
    """A type of settings: `hints` are its annotations, `word` names it in the reference.

    `problems` yields what is wrong with a value of pyproject.toml. `value` converts one that is right, or the
    text of an option or a variable; relative paths begin at the folder that it is given. It raises ValueError
    if a file that it must read is wrong.
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
    elif "\0" in value:
        yield f"{name} has a NUL character; remove it"


def _list_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{name} must be an array of strings, not {toml_type(value)}"
        return
    if not value:
        yield f"{name} is empty; give it a value or remove the key"
    for number, entry in enumerate(value):
        yield from _text_problems(f"{name}[{number}]", entry)


def _addresses_problems(name: str, value: object) -> Iterator[str]:
    problems = list(_list_problems(name, value))
    yield from problems
    for entry in value if isinstance(value, list) and not problems else ():
        try:
            address_of(entry)
        except ValueError as error:
            yield f"{name}: {error}"


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


def _integer_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{name} must be an integer, not {toml_type(value)}"


def _table_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{name} must be a table, not {toml_type(value)}"
        return
    for key, entry in value.items():
        if not isinstance(entry, str | int | float):
            yield f"{name}.{key} must be a string, a number or a boolean, not {toml_type(entry)}"


def _boolean_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{name} must be true or false, not {toml_type(value)}"


def _path_table_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{name} must be a table, not {toml_type(value)}"
        return
    for key, entry in value.items():
        yield from _text_problems(f"{name}.{key}", entry)


def _images_problems(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{name} must be a table of tables, not {toml_type(value)}; write [tool.harness.{name}]"
        return
    for key, entry in value.items():
        yield from _image_problems(f"{name}.{key}", entry)


def _image_problems(name: str, entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{name} must be a table, not {toml_type(entry)}; write {{{' = ..., '.join(IMAGE)} = ...}}"
        return
    yield from _keys_problems(name, entry, IMAGE)
    if "code" not in entry:
        yield f"{name} has no code; name the folder that the function runs from"
    if isinstance(runtime := entry.get("runtime"), str) and runtime and runtime not in PYTHONS:
        yield f"{name}.runtime {runtime!r} is no Python of Lambda's; write one such as {PYTHONS[-3]}"


def _policies_problems(name: str, value: object) -> Iterator[str]:
    yield from (_list_problems if isinstance(value, list) else _text_problems)(name, value)


def _keys_problems(
    name: str, entry: Mapping[str, object], keys: tuple[str, ...], tables: tuple[str, ...] = ()
) -> Iterator[str]:
    """Problems of the keys of a table and of their values: texts, or `tables`."""
    for key, value in entry.items():
        if key not in keys:
            from harness.scenario.wording import nearest  # noqa: PLC0415  (pydantic takes a while to import)

            yield f"unknown key {key!r} in {name}; {nearest(key, keys)}"
        else:
            yield from (_table_problems if key in tables else _text_problems)(f"{name}.{key}", value)


def _array_problems(name: str, value: object, problems: EntryProblems) -> Iterator[str]:
    """Problems of an array of tables; `problems` gives those of one, with its name."""
    if not isinstance(value, list):
        yield f"{name} must be an array of tables, not {toml_type(value)}; write [[tool.harness.{name}]]"
        return
    for number, entry in enumerate(value):
        if isinstance(entry, dict):
            yield from problems(f"{name}[{number}]", entry)
        else:
            yield f"{name}[{number}] must be a table, not {toml_type(entry)}"


def _acceptances_problems(name: str, value: object) -> Iterator[str]:
    yield from _array_problems(name, value, entry_problems)


def _stacks_problems(name: str, value: object) -> Iterator[str]:
    if value == []:
        yield f"{name} is empty; give it a value or remove the key"
    yield from _array_problems(name, value, _stack_problems)


def _stack_problems(name: str, entry: Mapping[str, object]) -> Iterator[str]:
    yield from _keys_problems(name, entry, STACK, tables=("parameters",))
    if "template" not in entry:
        yield f"{name} has no template; name one"


def _parameter(value: object) -> str:
    """A value as CloudFormation takes it: text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _paths(value: object, root: Path) -> tuple[Path, ...]:
    entries = value if isinstance(value, list) else str(value).split(os.pathsep)
    return tuple(root / str(entry) for entry in entries)


def _policies(value: object, root: Path) -> tuple[Path, ...]:
    """The files of a setting that is one path or several, which must have policies."""
    paths = _paths(value, root) if isinstance(value, list) else (root / str(value),)
    for path in paths:
        policy_in(path)
    return paths


def _acceptances(value: object, root: Path) -> tuple[Acceptance, ...]:
    return acceptances(value if isinstance(value, list) else (), root / "pyproject.toml")


def _stacks(value: object, root: Path) -> tuple[StackEntry, ...]:
    return tuple(
        StackEntry(
            root / str(entry["template"]),
            str(entry.get("name", "")),
            {key: _parameter(each) for key, each in entry.get("parameters", {}).items()},
        )
        for entry in (value if isinstance(value, list) else ())
    )


def _strings(value: object, _: Path) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else str(value).split(",")
    return tuple(str(entry) for entry in entries)


def _table(value: object, _: Path) -> Mapping[str, str]:
    """A table, or the text of an option: `Stage=prod,Days=7`, in which values may have commas."""
    if isinstance(value, dict):
        return {key: _parameter(entry) for key, entry in value.items()}
    entries = (entry.partition("=") for entry in re.split(r",(?=[A-Za-z0-9]+=)", str(value)))
    return {name.strip(): text for name, _, text in entries}


def _path_table(value: object, root: Path) -> Mapping[str, Path]:
    return {key: root / str(entry) for key, entry in value.items()} if isinstance(value, dict) else {}


def _images(value: object, root: Path) -> Mapping[str, ImageSource]:
    entries = value if isinstance(value, dict) else {}
    return {key: ImageSource(**{**entry, "code": root / entry["code"]}) for key, entry in entries.items()}


IMAGE = ("code", "handler", "runtime")
"""Keys of an entry of `images`."""
STACK = ("template", "name", "parameters")
"""Keys of an entry of `stacks`."""

KINDS: tuple[Kind, ...] = (
    Kind("string", (str, str | None), _text_problems, lambda value, _: str(value)),
    Kind("integer", (int,), _integer_problems, lambda value, _: int(str(value))),
    Kind("path", (Path, Path | None), _text_problems, lambda value, root: root / str(value)),
    Kind("array of paths", (tuple[Path, ...],), _list_problems, _paths),
    Kind("array of strings", (tuple[str, ...],), _list_problems, _strings),
    Kind("array of host:port", (tuple[HostAndPort, ...],), _addresses_problems, _strings),
    Kind("path or array of paths", (tuple[Path, ...] | None,), _policies_problems, _policies),
    Kind("array of tables", (tuple[Acceptance, ...],), _acceptances_problems, _acceptances),
    Kind("array of tables", (tuple[StackEntry, ...],), _stacks_problems, _stacks),
    Kind("false or array of strings", (tuple[str, ...] | bool,), _switch_problems, _switch),
    Kind("table", (Mapping[str, str],), _table_problems, _table),
    Kind("boolean", (bool | None,), _boolean_problems, lambda value, _: bool(value)),
    Kind("table of paths", (Mapping[str, LayerPath],), _path_table_problems, _path_table),
    Kind("table of tables", (Mapping[str, ImageSource],), _images_problems, _images),
    Kind("table", (Mapping[str, GivenFunction],), parts_problems, parts("functions")),
    Kind("table", (Mapping[str, GivenTable],), parts_problems, parts("tables")),
    Kind("table of paths", (Mapping[str, Path],), parts_problems, parts("machines")),
    Kind("table", (GateSettings,), gate_problems, gate_settings),
)
