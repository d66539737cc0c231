"""Parse YAML text into plain data, with the position of each key and value."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.bounds import DEEPEST, TOO_DEEP
from harness.json_types import Json, JsonObject
from harness.scenario.position import Position, Problem
from harness.scenario.source import KeyPath, Marks, Reference, Source

if TYPE_CHECKING:
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.nodes import Node

_TAG = "tag:yaml.org,2002:"
_COLLECTIONS = {"map": "mapping", "seq": "sequence", "omap": "sequence", "pairs": "sequence"}
"""The node kind for each collection tag."""
MOST_VALUES = 300_000
"""The maximum number of values in a file. Values in aliases count each time."""


class Document(NamedTuple):
    """A file's content. Keys in `data` are always strings."""

    data: Json
    source: Source
    problems: tuple[Problem, ...]


def read(text: str, path: Path) -> Document:
    """Return the document in `text`. If it cannot be parsed, `data` is None and `problems` explain why."""
    # ruamel.yaml takes 100 ms to import; `harness --help` does not need it.
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415

    from harness import yaml_nodes  # noqa: PLC0415

    yaml = yaml_nodes.reader()
    try:
        root = yaml_nodes.composed(yaml, text)
    except yaml_nodes.TooMuch as error:
        problem = Problem(Position(path, *error.place), error.message, error.remedy)
        return Document(None, Source(path, text), (problem,))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Position(path, mark.line + 1, mark.column + 1) if mark else Position(path)
        return Document(None, Source(path, text), (_syntax_problem(error, where),))
    except YAMLError as error:  # a character that YAML does not allow; ruamel reports its offset
        before = text[: getattr(error, "position", 0)]
        where = Position(path, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problem = Problem(where, "this character is not allowed in YAML", 'write it as an escape: "\\x01"')
        return Document(None, Source(path, text), (problem,))
    if root is None:
        problem = Problem(Position(path), "the file is empty", "begin with a title: and expect:")
        return Document(None, Source(path, text), (problem,))
    reader = _Reader(path, yaml.constructor)
    data = reader.value(root, (), _mark(root))
    return Document(data, Source(path, text, reader.marks), tuple(reader.problems))


class _Reader:
    """Converts nodes into data, and records marks and problems."""

    def __init__(self, path: Path, constructor: SafeConstructor) -> None:
        self.marks: dict[KeyPath, Marks] = {}
        self.problems: list[Problem] = []
        self._path = path
        self._count = 0
        # nodes that enclose the current one: an alias to one of them would be endless
        self._open: list[Node] = []
        self._scalars: dict[str, Callable[[Node], Json]] = {
            "null": lambda node: None,
            "bool": constructor.construct_yaml_bool,
            "int": constructor.construct_yaml_int,
            "float": constructor.construct_yaml_float,
        }

    def value(self, node: Node, at: KeyPath, key_mark: tuple[int, int]) -> Json:
        nothing = (
            node.value == "" and getattr(node, "style", None) is None
        )  # ruamel reports the start of the next token
        self.marks[at] = Marks(key_mark, key_mark if nothing else _mark(node))
        tag = str(node.tag)
        self._count += 1
        if self._count >= MOST_VALUES or len(self._open) >= DEEPEST:
            self._note_too_much(node)
            return None
        if node in self._open:
            self._note(
                _mark(node),
                f"the alias *{node.anchor} is inside the value that it repeats",
                "write the value out",
            )
            return None
        if tag == "!Ref" and _kind(node) == "scalar" and _is_input(at):
            return Reference(node.value)
        if not tag.startswith(_TAG):
            self._note(_mark(node), f"the tag {tag} is not supported", "remove it")
            return None
        if tag in (f"{_TAG}set", f"{_TAG}binary"):
            value: Json = self._of_dynamodb(node, at, tag.removeprefix(_TAG))
            return value
        kind = tag.removeprefix(_TAG)
        if (kind in _COLLECTIONS) != (_kind(node) != "scalar") or _COLLECTIONS.get(
            kind, _kind(node)
        ) != _kind(node):
            self._note(_mark(node), f"the tag !!{kind} does not apply to a {_kind(node)}", "remove it")
            return None
        if _kind(node) == "scalar":
            return self._scalar(node, kind)
        self._open.append(node)
        value = self._mapping(node, at) if _kind(node) == "mapping" else self._sequence(node, at)
        self._open.pop()
        return value

    def _note_too_much(self, node: Node) -> None:
        if self._count == MOST_VALUES:
            self._note(_mark(node), f"the file has more than {MOST_VALUES:,} values", "use fewer aliases")
        elif self._count < MOST_VALUES:
            self._note(_mark(node), TOO_DEEP, "nest fewer of them")

    def _of_dynamodb(self, node: Node, at: KeyPath, kind: str) -> Any:
        """Return a set or a binary value. They are not part of JSON, so only table items may contain them."""
        if "items" not in at and at[:2] != ("seed", "tables"):
            self._note(_mark(node), f"!!{kind} is allowed only in items", "write a list or a string")
            return None
        if kind == "set":
            parts = node.value if isinstance(node.value, list) else [node]
            inner = [part[0] if isinstance(part, tuple) else part for part in parts]
            if node not in inner and all(isinstance(part.value, str) for part in inner):
                return frozenset(self.value(part, (*at, n), _mark(part)) for n, part in enumerate(inner))
            self._note(
                _mark(node), "a set must contain strings, numbers or binary values", "write !!set [a, b]"
            )
            return None
        try:
            return base64.b64decode("".join(str(node.value).split()), validate=True)
        except ValueError:
            self._note(
                _mark(node), "a binary value must be base64", 'write, for example, !!binary "aGVsbG8="'
            )
            return None

    def _mapping(self, node: Node, at: KeyPath) -> JsonObject:
        mapping: JsonObject = {}
        first: dict[str, tuple[int, int]] = {}
        merged: list[Node] = []
        for key_node, value_node in node.value:
            mark, key = _mark(key_node), key_node.value
            if key_node.tag == f"{_TAG}merge":
                merged += self._merged(value_node)
            elif not isinstance(key, str):
                self._note(mark, "a key must be text, not a list or mapping", "quote it")
            elif key in first:
                self._note(
                    mark,
                    f"duplicate key {key!r}, already used on line {first[key][0]}",
                    "remove one of the two",
                )
            else:
                first[key] = mark
                mapping[key] = self.value(value_node, (*at, key), mark)
        for base in merged:  # explicit keys take priority, then the first mapping that has the key
            for key, value in self._mapping_of(base, at).items():
                mapping.setdefault(key, value)
        return mapping

    def _mapping_of(self, base: Node, at: KeyPath) -> JsonObject:
        """Merge a mapping into the mapping at `at`. The latter's own marks are kept."""
        own, self.marks = self.marks, {}
        self._open.append(base)
        found = self._mapping(base, at)
        self._open.pop()
        merged, self.marks = self.marks, own
        for path, marks in merged.items():
            own.setdefault(path, marks)
        return found

    def _merged(self, node: Node) -> list[Node]:
        """Return the mappings in the value of `<<`: a single mapping, or a list."""
        found = node.value if _kind(node) == "sequence" else [node]
        if all(_kind(base) == "mapping" and base not in self._open for base in found):
            return list(found)
        self._note(
            _mark(node), "<< requires a mapping, or a list of mappings", "write <<: *name, or quote '<<'"
        )
        return []

    def _sequence(self, node: Node, at: KeyPath) -> list[Json]:
        entries = (part for part in node.value if not isinstance(part, tuple))
        return [self.value(part, (*at, n), _mark(part)) for n, part in enumerate(entries)]

    def _scalar(self, node: Node, kind: str) -> Json:
        if kind not in self._scalars:
            return self._text(node)
        try:
            value = self._scalars[kind](node)
        except (
            ValueError,
            LookupError,
        ):  # ruamel decides based on first characters and lookup tables
            self._note(
                _mark(node),
                f"{node.value!r} is not a valid {kind}",
                "correct it, or quote it to make it text",
            )
            return None
        if isinstance(value, float) and (value - value) != 0:
            self._note(_mark(node), f"{node.value} is not a valid JSON number", "quote it to make it text")
        return value

    def _text(self, node: Node) -> str:
        """Return a string. Two escapes that form a surrogate pair, as in JSON for emoji, become one
        character.
        """
        text = str(node.value)
        try:
            text.encode()
        except UnicodeEncodeError:
            try:
                return text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                self._note(_mark(node), "an escape is an unpaired surrogate", "write the character itself")
                return ""
        return text

    def _note(self, mark: tuple[int, int], message: str, remedy: str) -> None:
        self.problems.append(Problem(Position(self._path, *mark), message, remedy))


def _is_input(at: KeyPath) -> bool:
    return at[:1] == ("run",) and "input" in at[1:3]


def _kind(node: Node) -> str:
    """Return a node's kind: "scalar", "sequence" or "mapping"."""
    return str(node.id)  # type: ignore[attr-defined]  # each kind has its own


def _mark(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _syntax_problem(error: MarkedYAMLError, where: Position) -> Problem:
    what = str(error.problem)
    if "'\\t'" in what:
        return Problem(where, "tabs cannot be used for indentation or separation in YAML", "use spaces")
    if "another document" in what:
        return Problem(
            where, "a second document begins at this position", "write one scenario per file, without ---"
        )
    if "undefined alias" in what:
        return Problem(where, what.removeprefix("found "), "define the anchor with &name before it")
    remedies = {
        "mapping values are not allowed": "quote text that has ': ' in it, or correct the indentation",
        "that cannot start any token": "quote text that begins with this character",
        "end of stream": "close the quote that begins at this position",
        "<stream end>": "close the open bracket",
        "could not find expected ':'": "add a colon and a value to the key, or correct the indentation",
        "<block end>": "correct the indentation: all entries of a mapping or list begin in one column",
    }
    remedy = next((remedy for part, remedy in remedies.items() if part in what), "correct the YAML")
    context = f" ({error.context})" if error.context else ""
    return Problem(where, f"invalid YAML: {what}{context}", remedy)
