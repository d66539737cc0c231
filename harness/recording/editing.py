"""Insert entries into a scenario file's text. All other bytes remain unchanged.

An entry in a block is replaced, or added at the end of its mapping. A mapping in braces is rewritten as a
block with its existing values.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.json_types import Json, as_dict
from harness.scenario import syntax
from harness.scenario.source import Key, KeyPath
from harness.scenario_files.text import value_lines


class NotEdited(Exception):
    """A file cannot be changed without side effects. The message gives the reason."""


def with_entry(text: str, path: Path, keys: KeyPath, value: Json) -> str:
    """Return the text with the entry at a key path set to this value. Missing mappings around it are created.

    Raises:
        NotEdited: other parts would also change.
    """
    file = _File(text, path)
    made = file.with_entry(keys, value)
    found = syntax.read(made, path)
    if found.problems or found.data != _with(file.data, keys, value):
        raise NotEdited(
            f"{'.'.join(map(str, keys))} cannot be inserted without changes elsewhere in the file"
        )
    return made


def _with(data: Json, keys: KeyPath, value: Json) -> Json:
    """Return the data with a different value for an entry."""
    if not keys:
        return value
    name = str(keys[0])
    return {**as_dict(data), name: _with(as_dict(data).get(name), keys[1:], value)}


class _File:
    """The lines in a file, with the positions of its entries."""

    def __init__(self, text: str, path: Path) -> None:
        document = syntax.read(text, path)
        self.data: Json = document.data
        self._source = document.source
        self._lines = text.splitlines(keepends=True)
        if self._lines and not self._lines[-1].endswith("\n"):
            self._lines[-1] += "\n"

    def with_entry(self, keys: KeyPath, value: Json) -> str:
        """Return the text with an entry added or replaced."""
        there = self._known(keys)
        if len(there) == len(keys):
            return self._replaced(keys, value)
        for name in reversed(keys[len(there) + 1 :]):
            value = {str(name): value}
        inner = self._at(there)
        if there and (not inner or self._is_flow(there)):
            return self._replaced(there, {**as_dict(inner), str(keys[len(there)]): value})
        return self._added(there, str(keys[len(there)]), value)

    def _known(self, keys: KeyPath) -> KeyPath:
        """Return the part of a key path that exists in mappings."""
        inner, depth = self.data, 0
        while depth < len(keys) and isinstance(inner, dict) and str(keys[depth]) in inner:
            inner = inner[str(keys[depth])]
            depth += 1
        return keys[:depth]

    def _at(self, keys: KeyPath) -> Json:
        data = self.data
        for key in keys:
            data = as_dict(data)[str(key)]
        return data

    def _is_flow(self, keys: KeyPath) -> bool:
        where = self._source.position(*keys, of="value")
        return self._lines[where.line - 1][where.column - 1 :].startswith("{")

    def _added(self, around: KeyPath, name: str, value: Json) -> str:
        """Return the text with a new entry at the end of a block mapping."""
        end, column = len(self._lines), 0
        if around:
            _, end, _ = self._region(around)
            first: Key = next(iter(as_dict(self._at(around))))
            column = self._source.position(*around, first).column - 1
        return self._spliced(end, end, value_lines(name, value, column))

    def _replaced(self, keys: KeyPath, value: Json) -> str:
        """Return the text with a new value for an entry. If the entry is in braces, its enclosing mapping is
        rewritten.
        """
        begin, end, column = self._region(keys)
        if self._lines[begin][:column].strip():
            around: Mapping[str, Any] = as_dict(self._at(keys[:-1]))
            return self._replaced(keys[:-1], {**around, str(keys[-1]): value})
        return self._spliced(begin, end, value_lines(str(keys[-1]), value, column))

    def _spliced(self, begin: int, end: int, lines: list[str]) -> str:
        return "".join([*self._lines[:begin], *lines, *self._lines[end:]])

    def _region(self, keys: KeyPath) -> tuple[int, int, int]:
        """Return the first line of an entry, the line after its end, and the column of its key."""
        where = self._source.position(*keys)
        begin, column = where.line - 1, where.column - 1
        end = begin + 1
        for number in range(end, len(self._lines)):
            line = self._lines[number]
            bare = line.lstrip(" ")
            if not bare.strip() or bare.startswith("#"):
                continue
            indent = len(line) - len(bare)
            if indent < column or (indent == column and not bare.startswith("- ")):
                break
            end = number + 1
        return begin, end, column
