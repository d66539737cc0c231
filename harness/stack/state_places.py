"""Finds the line of a state: in the definition file, or in the template that contains the definition."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
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
    """Return the location of a state in a declared machine, or of the machine if the state is not found.

    If several states have the name, the first one is used.
    """
    if not is_file(origin.template):
        return Position(origin.template)
    machine = TemplateLines(origin.template).position("Resources", origin.logical_id)
    return _state(origin, state, machine.line) or machine


def field_position(origin: Origin, state: str, texts: Sequence[str]) -> Position | None:
    """Find the line in a state that contains the largest number of the given strings, such as a path and the
    field name.

    Return None if no line in the state contains any of them.
    """
    if not is_file(origin.template):
        return None
    machine = TemplateLines(origin.template).position("Resources", origin.logical_id)
    at = _state(origin, state, machine.line)
    best: tuple[int, Position | None] = 0, None
    for number, column, line in _lines_of(at) if at is not None else ():
        found = [match for text in texts if (match := _text_in(line, text)) is not None]
        if len(found) > best[0]:
            best = len(found), Position(at.path, number, column + found[0].start()) if at else None
    return best[1]


def _state(origin: Origin, state: str, machine: int) -> Position | None:
    if isinstance(origin.template, DefinitionPath):
        return _found(Path(origin.template), state, 1)
    resource = as_dict(as_dict(read(read_text(origin.template)).get("Resources")).get(origin.logical_id))
    properties = as_dict(resource.get("Properties"))
    for key in _FILES:
        file = properties.get(key)
        if isinstance(file, str) and is_file(path := origin.template.parent / file):
            return _found(path, state, 1)
    return _found(origin.template, state, machine)


def _found(path: Path, state: str, first: int) -> Position | None:
    """Return the location of a key in a YAML or JSON file, searching from the given line."""
    name = re.escape(state)
    key = re.compile(rf"(?:^|[\s{{,\"'])({name})[\"']?\s*:(?=\s|$|{{)")
    for number, line in enumerate(read_text(path, "utf-8-sig").splitlines(), start=1):
        if number >= first and (match := key.search(line)):
            return Position(path, number, match.start(1) + 1)
    return None


def _lines_of(at: Position) -> Iterator[tuple[int, int, str]]:
    """Return the lines of an entry, with their numbers and first columns. More deeply indented lines
    belong to it.
    """
    lines = read_text(at.path, "utf-8-sig").splitlines()
    first = lines[at.line - 1]
    yield at.line, at.column, first[at.column - 1 :]
    for number, line in enumerate(lines[at.line :], start=at.line + 1):
        if line.strip() and _indent(line) <= _indent(first):
            return
        yield number, 1, line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _text_in(line: str, text: str) -> re.Match[str] | None:
    """Return whether a line contains a string, with or without JSON escapes. A path must match completely."""
    forms = dict.fromkeys((text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]))
    return re.search(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?![\w.\[-])", line)
