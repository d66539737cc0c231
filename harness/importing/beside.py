"""Creates the rest of a scenario's `stack` if stand-ins answer all tasks in its definition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.files import is_there
from harness.importing.functions import named_in
from harness.importing.never_runs import FILE, STUB
from harness.json_types import Json, JsonObject, as_dict
from harness.replay.learning import given_by
from harness.replay.machines import states_of
from harness.settings import Settings
from harness.stack.definition_names import reference_in

_MACHINE: Final = "never_starts.asl.json"
_NEVER: Final[JsonObject] = {
    "Comment": "Placeholder for a machine: a stand-in answers the task that starts it.",
    "StartAt": "Never",
    "States": {"Never": {"Type": "Succeed"}},
}
_TYPES: Final = ("S", "N", "B")


@dataclass
class Beside:
    """The parts of a `stack` next to its definition, and the files that they need.

    Attributes:
        unknown: sentences about unknown properties of the parts.
    """

    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[Path, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def add_functions(self, definition: Json, settings: Settings, folder: Path) -> None:
        """Add the functions that a definition calls but that are not in the settings."""
        for name in sorted(named_in(definition) - set(settings.functions)):
            self._put("functions", name, FILE, {folder / FILE: STUB})

    def add_others(self, definition: Json, settings: Settings, folder: Path, here: frozenset[str]) -> None:
        """Add the machines and tables that a definition without proprietary names uses.

        Args:
            here: the names of machines that are provided elsewhere.
        """
        for name in sorted(_machines(definition) - here - set(settings.machines)):
            self._put("machines", name, _MACHINE, {folder / _MACHINE: text_of(_NEVER)})
        for name, key in _tables(definition).items():
            if name not in settings.tables:
                if not key:
                    self.unknown.append(f"the key of the table {name}: no task shows it")
                self._put("tables", name, {"key": key or {"id": "S"}}, {})

    def _put(self, part: str, name: str, value: Any, files: dict[Path, str]) -> None:
        self.parts.setdefault(part, {}).setdefault(name, value)
        for path, text in files.items():
            if not (is_there(path) and path.read_text(encoding="utf-8") == text):
                self.files[path] = text


def text_of(definition: Json) -> str:
    """Return the text of a file with a definition."""
    return json.dumps(definition, indent=2, ensure_ascii=False) + "\n"


def _machines(definition: Json) -> set[str]:
    return {
        found.name
        for given in _given(definition)
        if isinstance(arn := given.get("StateMachineArn"), str)
        and (found := reference_in(arn)) is not None
        and found.kind == "machine"
    }


def _tables(definition: Json) -> dict[str, JsonObject]:
    """Return the tables that tasks name, each with its key if a task shows it."""
    found: dict[str, JsonObject] = {}
    for given in _given(definition):
        name = given.get("TableName")
        if not isinstance(name, str) or name.startswith(("$", "{%")):
            continue
        reference = reference_in(name)
        key = found.setdefault(reference.name if reference else name, {})
        for attribute, value in as_dict(given.get("Key")).items():
            kind = next((each for each in _TYPES if {each, f"{each}.$"} & set(as_dict(value))), None)
            if kind is not None:
                key[attribute] = kind
    return found


def _given(definition: Json) -> Iterator[JsonObject]:
    for _, _, state in states_of(definition):
        yield as_dict(given_by(state))
