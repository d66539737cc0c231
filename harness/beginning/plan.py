"""A project's initial files."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.beginning.example import FILES, INPUT
from harness.expect import BUILT_IN
from harness.scenario.model import scenario_model
from harness.scenario.schema import json_text
from harness.settings import SettingsError
from harness.stack.checkout import Found

SCENARIO: Final = "scenarios/first.yaml"
_SCHEMA: Final = "scenarios/schema.json"
PYPROJECT: Final = "pyproject.toml"


@dataclass(frozen=True)
class Plan:
    """The files to write, by path, and the text of pyproject.toml with the `added` table."""

    files: Mapping[str, str]
    pyproject: str
    added: str


def plan_of(folder: Path, found: Found | None, machine: str) -> Plan:
    """Return the files for an existing workflow, or for the example if there is none.

    Raises:
        SettingsError: one of the files already exists.
    """
    example = found is None
    table = _table(folder, found, machine)
    files = {
        **(FILES if example else {}),
        SCENARIO: _scenario(INPUT if example else "{}"),
        _SCHEMA: json_text(scenario_model(BUILT_IN)),
    }
    for name in files:
        if os.path.lexists(folder / name):
            raise SettingsError(
                f"{name} already exists and is not overwritten; move it and run the command again"
            )
    return Plan(files, _with_table(folder / PYPROJECT, table), table)


def machine_of(found: Found, named: str | None) -> str:
    """Return the name of the state machine that the runs start; "" if the template has only one.

    Raises:
        SettingsError: there are several and none is specified, or the specified one does not exist.
    """
    machines: Sequence[str] = found.machines
    if named is not None and named not in machines:
        known = ", ".join(machines) or "none"
        raise SettingsError(f"--machine {named}: {found.path} contains {known}; name one of them")
    if named is None and len(machines) > 1:
        raise SettingsError(
            f"{found.path} has several state machines; name the one to start: "
            f"{' or '.join(f'--machine {name}' for name in machines)}"
        )
    return named if named is not None and len(machines) > 1 else ""


def _table(folder: Path, found: Found | None, machine: str) -> str:
    key, path = "template", Path("template.yaml")
    if found is not None:
        key = "template" if found.machines else "definition"
        inside = found.path.parent if found.form == "cdk" else found.path
        path = Path(os.path.relpath(inside, folder))
    lines = ["[tool.harness]", f'{key} = "{path.as_posix()}"']
    if machine:
        lines.append(f'state_machine = "{machine}"')
    return "\n".join(lines) + "\n"


def _with_table(file: Path, table: str) -> str:
    """Return a pyproject.toml text with the table appended.

    Raises:
        SettingsError: the file cannot be read.
    """
    if not os.path.lexists(file):
        return table
    try:
        text = file.read_text(encoding="utf-8")
        tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: cannot be read ({error}); correct it") from error
    return f"{text.rstrip()}\n\n{table}" if text.strip() else table


def _scenario(input_: str) -> str:
    return f"# yaml-language-server: $schema=schema.json\ntitle: The first run\nrun: {{input: {input_}}}\n"
