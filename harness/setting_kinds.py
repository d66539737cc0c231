"""Setting types. Each checks a value from pyproject.toml and converts it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NewType

from harness.acceptance import Acceptance
from harness.acceptance_entries import acceptances
from harness.gate_settings import GateSettings, gate_problems, gate_settings
from harness.given import Outputs, SecretText, StoredParameter
from harness.image_source import ImageSource
from harness.plain import GivenFunction, GivenTable
from harness.planned import StackEntry
from harness.policy_file import policy_in
from harness.replay_settings import ReplaySettings, replay_problems, replay_settings
from harness.setting_parts import parts, parts_problems
from harness.setting_problems import (
    acceptances_problems,
    addresses_problems,
    boolean_problems,
    images_problems,
    integer_problems,
    list_problems,
    path_table_problems,
    policies_problems,
    stacks_problems,
    switch_problems,
    table_problems,
    text_problems,
)

HostAndPort = NewType("HostAndPort", str)
"""An address, such as `hooks.slack.com:443`."""
ExportValue = NewType("ExportValue", str)
"""The value of an export."""
LayerPath = NewType("LayerPath", Path)
"""The folder or zip file that replaces a layer."""
Value = (
    str
    | int
    | Path
    | tuple[Path | str | Acceptance | StackEntry, ...]
    | Mapping[str, Any]
    | GateSettings
    | ReplaySettings
    | bool
    | None
)


@dataclass(frozen=True)
class Kind:
    """A setting type. `hints` are its annotations, and `word` is its name in the reference.

    `problems` yields the problems with a value from pyproject.toml. `value` converts a valid value, or the
    text of an option or a variable. It resolves relative paths against the folder that it receives, and
    raises ValueError if a file that it must read is invalid.
    """

    word: str
    hints: tuple[object, ...]
    problems: Callable[[str, object], Iterator[str]]
    value: Callable[[object, Path], Value]

    def rooted(self, value: Value, root: Path) -> Value:
        """Return a default with relative paths resolved against `root`."""
        if isinstance(value, Path):
            return root / value
        if isinstance(value, tuple):
            return tuple(root / entry if isinstance(entry, Path) else entry for entry in value)
        return value


def _parameter(value: object) -> str:
    """Return a value as a string, the type that CloudFormation accepts."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _switch(value: object, folder: Path) -> tuple[str, ...] | bool:
    """Return False if the tool is off, otherwise the parts of it that are off."""
    if isinstance(value, bool):
        return () if value else False
    return _strings(value, folder)


def _paths(value: object, root: Path) -> tuple[Path, ...]:
    entries = value if isinstance(value, list) else str(value).split(os.pathsep)
    return tuple(root / str(entry) for entry in entries)


def _policies(value: object, root: Path) -> tuple[Path, ...]:
    """Return the files in a setting with one or more paths. Each must contain a policy."""
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
    """Parse a table, or the text of an option: `Stage=prod,Days=7`. Values can contain commas."""
    if isinstance(value, dict):
        return {key: _parameter(entry) for key, entry in value.items()}
    entries = (entry.partition("=") for entry in re.split(r",(?=[A-Za-z0-9]+=)", str(value)))
    return {name.strip(): text for name, _, text in entries}


def _path_table(value: object, root: Path) -> Mapping[str, Path]:
    return {key: root / str(entry) for key, entry in value.items()} if isinstance(value, dict) else {}


def _images(value: object, root: Path) -> Mapping[str, ImageSource]:
    entries = value if isinstance(value, dict) else {}
    return {key: ImageSource(**{**entry, "code": root / entry["code"]}) for key, entry in entries.items()}


KINDS: tuple[Kind, ...] = (
    Kind("string", (str, str | None), text_problems, lambda value, _: str(value)),
    Kind("integer", (int,), integer_problems, lambda value, _: int(str(value))),
    Kind("path", (Path, Path | None), text_problems, lambda value, root: root / str(value)),
    Kind("array of paths", (tuple[Path, ...],), list_problems, _paths),
    Kind("array of strings", (tuple[str, ...],), list_problems, _strings),
    Kind("array of host:port", (tuple[HostAndPort, ...],), addresses_problems, _strings),
    Kind("path or array of paths", (tuple[Path, ...] | None,), policies_problems, _policies),
    Kind("array of tables", (tuple[Acceptance, ...],), acceptances_problems, _acceptances),
    Kind("array of tables", (tuple[StackEntry, ...],), stacks_problems, _stacks),
    Kind("false or array of strings", (tuple[str, ...] | bool,), switch_problems, _switch),
    Kind("table", (Mapping[str, str],), table_problems, _table),
    Kind("boolean", (bool | None,), boolean_problems, lambda value, _: bool(value)),
    Kind("table of paths", (Mapping[str, LayerPath],), path_table_problems, _path_table),
    Kind("table of tables", (Mapping[str, ImageSource],), images_problems, _images),
    Kind("table", (Mapping[str, Outputs],), parts_problems, parts("outputs")),
    Kind("table", (Mapping[str, StoredParameter],), parts_problems, parts("ssm")),
    Kind("table", (Mapping[str, SecretText],), parts_problems, parts("secrets")),
    Kind("table", (Mapping[str, ExportValue],), parts_problems, parts("exports")),
    Kind("table", (Mapping[str, GivenFunction],), parts_problems, parts("functions")),
    Kind("table", (Mapping[str, GivenTable],), parts_problems, parts("tables")),
    Kind("table of paths", (Mapping[str, Path],), parts_problems, parts("machines")),
    Kind("table", (GateSettings,), gate_problems, gate_settings),
    Kind("table", (ReplaySettings,), replay_problems, replay_settings),
)


@dataclass(frozen=True)
class Setting:
    """The declaration of a setting. `name`, `kind` and `default` come from its field in `Settings`.

    The environment variable `variable` and the option `option` also set it. `engines` is a pattern for the
    engines that it applies to ("*" for all). A setting without `engines` applies to the project. A `secret`
    is never shown. `check` returns the problem with a value of the correct type, or "".
    """

    description: str
    variable: str = ""
    option: str = ""
    engines: str = ""
    secret: bool = False
    check: Callable[[str], str] = lambda _: ""
    name: str = ""
    kind: Kind = KINDS[0]
    default: Value = None
