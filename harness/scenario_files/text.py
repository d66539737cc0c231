"""Generate scenario file text from plain data with comments."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

_KEYS: Final = (
    *("title", "tags", "description", "stack", "seed", "faults", "durations", "answers", "tasks", "calls"),
    *("hosts", "run", "expect"),
)
"""The keys in a file, in reference order."""
_WIDTH: Final = 110
_INDENT: Final = 2
_SHORT: Final = 88
"""The maximum width of a mapping or list that is written on one line."""


@dataclass(frozen=True)
class Commented:
    """A value preceded by a comment of one or more lines."""

    value: Any
    comment: str


def commented(value: Any, *lines: str) -> Commented:
    """Return a value with comment lines above it. Empty lines are omitted."""
    return Commented(value, "\n".join(line for line in lines if line))


def text_of(document: Mapping[str, Any], *, head: str = "") -> str:
    """Return a scenario's text. Empty keys are omitted. `head` is a comment at the top.

    >>> print(text_of({"expect": {}, "title": "It ends", "run": commented({"input": 1}, "event 1")}), end="")
    title: It ends
    # event 1
    run: {input: 1}
    expect: {}
    """
    unknown = [key for key in document if key not in _KEYS]
    if unknown:
        raise ValueError(f"unknown scenario key {unknown[0]!r}")
    ordered = {key: document[key] for key in _KEYS if key in document}
    made = _mapping(ordered, 0, block=True)
    text = io.StringIO()
    text.write("".join(f"# {line}".rstrip() + "\n" for line in head.splitlines()))
    _yaml(_WIDTH).dump(made, text)
    return text.getvalue()


def value_lines(key: str, value: Any, column: int) -> list[str]:
    """Return the lines for one entry in a file, indented by the specified number of columns.

    >>> value_lines("path", ["A", "B"], 2)
    ['  path: [A, B]\\n']
    """
    text = io.StringIO()
    made = _mapping({key: value}, column, block=True)
    if column == 0 and isinstance(value, Mapping) and value:
        made[key] = _mapping(value, _INDENT, block=True)
    _yaml(_WIDTH - column).dump(made, text)
    return [
        f"{' ' * column}{line}" if line.strip() else line
        for line in text.getvalue().splitlines(keepends=True)
    ]


def fault_lines(faults: Sequence[Mapping[str, Any]]) -> str:
    """Return the block `faults:` with one line for each entry."""
    entries = []
    for fault in faults:
        entry = CommentedMap(fault)
        entry.fa.set_flow_style()
        entries.append(entry)
    text = io.StringIO()
    _yaml(1_000).dump({"faults": entries}, text)
    return text.getvalue()


def _yaml(width: int) -> YAML:
    yaml = YAML()
    yaml.width = width
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _made(value: Any, indent: int, room: int = 0) -> Any:
    if isinstance(value, Mapping):
        return _mapping(value, indent, room=room)
    if isinstance(value, list | tuple):
        return _sequence(value, indent, room=room)
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    return value


def _mapping(given: Mapping[str, Any], indent: int, *, block: bool = False, room: int = 0) -> CommentedMap:
    made = CommentedMap()
    if not block and _fits(given, indent + room):
        made.fa.set_flow_style()
    for key, each in given.items():
        value, comment = _apart(each)
        made[key] = _made(value, indent + 2, len(str(key)))
        if comment:
            made.yaml_set_comment_before_after_key(key, before=comment, indent=indent)
    return made


def _sequence(given: Sequence[Any], indent: int, *, room: int = 0) -> CommentedSeq:
    made = CommentedSeq()
    if _fits(given, indent + room) and not any(isinstance(_apart(each)[0], Mapping) for each in given):
        made.fa.set_flow_style()
    for number, each in enumerate(given):
        value, comment = _apart(each)
        made.append(_made(value, indent + 2))
        if comment:
            made.yaml_set_comment_before_after_key(number, before=comment, indent=indent)
    return made


def _apart(value: Any) -> tuple[Any, str]:
    return (value.value, value.comment) if isinstance(value, Commented) else (value, "")


def _fits(value: Any, indent: int) -> bool:
    return not _has_comment(value) and indent + len(repr(value)) <= _SHORT and "\\n" not in repr(value)


def _has_comment(value: Any) -> bool:
    if isinstance(value, Commented):
        return True
    if isinstance(value, Mapping):
        return any(map(_has_comment, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_comment, value))
