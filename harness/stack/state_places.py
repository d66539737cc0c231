"""Finds the line of a state: in the file of the definition, or in the template that holds it."""

from __future__ import annotations

import re
from pathlib import Path

from harness.cloudformation.reading import read
from harness.files import is_file, read_text
from harness.json_types import as_dict
from harness.plain import DefinitionPath
from harness.scenario.position import Position
from harness.stack.lines import TemplateLines
from harness.stack.origin import Origin

_FILES = ("DefinitionUri", "DefinitionS3Location")


def state_position(origin: Origin, state: str) -> Position:
    """The place of a state of a declared machine; that of the machine where the state is not found.

    Of several states with the name it is the first.
    """
    if not is_file(origin.template):
        return Position(origin.template)
    machine = TemplateLines(origin.template).position("Resources", origin.logical_id)
    if isinstance(origin.template, DefinitionPath):
        return _found(Path(origin.template), state, 1) or machine
    resource = as_dict(as_dict(read(read_text(origin.template)).get("Resources")).get(origin.logical_id))
    properties = as_dict(resource.get("Properties"))
    for key in _FILES:
        file = properties.get(key)
        if isinstance(file, str) and is_file(path := origin.template.parent / file):
            return _found(path, state, 1) or machine
    return _found(origin.template, state, machine.line) or machine


def _found(path: Path, state: str, first: int) -> Position | None:
    """The place of a key in a file of YAML or JSON, from a line on."""
    name = re.escape(state)
    key = re.compile(rf"(?:^|[\s{{,\"'])({name})[\"']?\s*:(?=\s|$|{{)")
    for number, line in enumerate(read_text(path, "utf-8-sig").splitlines(), start=1):
        if number >= first and (match := key.search(line)):
            return Position(path, number, match.start(1) + 1)
    return None
