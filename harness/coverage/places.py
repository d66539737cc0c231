"""The location (file and line) of each edge: in the definition file, the template, or a file created for the
report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.cloudformation.yaml_reading import compose
from harness.coverage.edges import Edge
from harness.coverage.flat import Key
from harness.coverage.model import Machine
from harness.files import is_file, read_text
from harness.plain import DefinitionPath
from harness.stack.lines import TemplateLines
from harness.stack.nodes import member, place_in
from harness.yaml_nodes import TooMuch

_VARIABLE = re.compile(r"\$\{[^{}\s]*\}")
_FILES = ("DefinitionUri", "DefinitionS3Location")
_TEXTS = ("DefinitionString",)
_OBJECTS = ("Definition", "DefinitionBody")
_BLOCKS = ("|", ">")


@dataclass(frozen=True)
class Place:
    """A line of a file, counted from 1."""

    file: Path
    line: int


class Places:
    """The locations of a machine's edges.

    `folder` is used for definitions that have no file. If it is None, no files are created, and the edges in
    these definitions have no location.
    """

    def __init__(self, machine: Machine, folder: Path | None = None) -> None:
        self._machine = machine
        self._lines = _declared(machine) if not machine.made else None
        self.made: tuple[Path, str] | None = None
        """The file to create, and its text."""
        if self._lines is None and folder is not None:
            text = json.dumps(machine.shape.definition, indent=2, ensure_ascii=False) + "\n"
            self.made = folder / f"{_file_name(machine.shown or machine.title)}.asl.json", text
            self._lines = _Lines(self.made[0], _root(text))

    def of(self, edge: Edge) -> Place | None:
        """Return an edge's location, or None if it has no location."""
        return self._lines.place(edge.keys) if self._lines is not None else None


def _file_name(title: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", title.replace("<n>", "N")).strip("-")


@dataclass(frozen=True)
class _Lines:
    """A definition inside a file. `first` is its first line in the file."""

    file: Path
    root: Node
    first: int = 1

    def place(self, keys: tuple[Key, ...]) -> Place:
        """Return the location of the entry at a key path, or of the last key in the path that exists."""
        return Place(self.file, place_in(self.root, keys)[0] + self.first - 1)


@dataclass(frozen=True)
class _OneLine:
    """A definition whose entries do not have separate lines."""

    file: Path
    line: int

    def place(self, keys: tuple[Key, ...]) -> Place:
        """Return the only line."""
        del keys
        return Place(self.file, self.line)


@dataclass(frozen=True)
class _Template:
    """A machine definition that was specified without a template."""

    lines: TemplateLines
    logical_id: str

    def place(self, keys: tuple[Key, ...]) -> Place:
        """Return the location in the definition file."""
        found = self.lines.position("Resources", self.logical_id, "Properties", "Definition", *keys)
        return Place(found.path, found.line or 1)


def _declared(machine: Machine) -> _Lines | _OneLine | _Template | None:
    """Return the lines for a machine that a template declares, or None if it can no longer be read."""
    path = machine.template
    if path is None or not is_file(Path(path)):
        return None
    if isinstance(path, DefinitionPath):
        return _Template(TemplateLines(path), machine.logical_id)
    root = _root(read_text(path))
    resource = _child(_child(root, "Resources"), machine.logical_id)
    properties = _child(resource, "Properties")
    for key in _FILES:
        file = _child(properties, key)
        if isinstance(file, ScalarNode) and is_file(path.parent / str(file.value)):
            found = path.parent / str(file.value)
            return _Lines(found, _root(read_text(found, "utf-8-sig")))
    for key in _OBJECTS:
        value = _child(properties, key)
        if isinstance(value, MappingNode):
            return _Lines(path, value)
    for key in _TEXTS:
        value = _child(properties, key)
        if value is not None:
            return _inline(path, value)
    if resource is not None:
        line = place_in(root, ("Resources", machine.logical_id))[0]
        return _OneLine(path, line)
    return None


def _inline(path: Path, value: Node) -> _Lines | _OneLine:
    """Return the definition in a template string. Only in a block string do entries have their own lines in
    the template.
    """
    for text in _texts(value):
        first = int(text.start_mark.line) + 1
        if text.style in _BLOCKS:
            return _Lines(path, _root(str(text.value)), first + 1)
        return _OneLine(path, first)
    return _OneLine(path, int(value.start_mark.line) + 1)


def _texts(value: Node) -> Iterator[ScalarNode]:
    """Yield the text of `!Sub` (in its short form, long form or list form), or the plain text."""
    if isinstance(value, ScalarNode):
        yield value
    elif isinstance(value, SequenceNode) and value.value:
        yield from _texts(value.value[0])
    elif isinstance(value, MappingNode) and (inner := _child(value, "Fn::Sub")) is not None:
        yield from _texts(inner)


def _child(node: Node | None, key: str) -> Node | None:
    found = member(node, key)
    return found[0] if found else None


def _root(text: str) -> Node:
    """Parse the nodes in a string. Bare variables are allowed: `"Seconds": ${Interval}`."""
    plain = _VARIABLE.sub(lambda match: "0" * len(match[0]), text.replace("\t", " "))
    for each in dict.fromkeys((text.replace("\t", " "), plain)):
        try:
            root = compose(each)
        except (YAMLError, TooMuch):
            continue
        if root is not None:
            return root
    return MappingNode("", [])
