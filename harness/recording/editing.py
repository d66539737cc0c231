"""Puts entries into the text of a scenario file; all else stays as it is, to the byte.

An entry in a block is replaced, or added at the end of its mapping. A mapping in braces is written anew as a
block, with the values that it has.
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
    """A file cannot be changed in one place only; the message says why."""


def with_entry(text: str, path: Path, keys: KeyPath, value: Json) -> str:
    """A text in which the entry at a key path has this value; mappings around it are made if need be.

    Raises:
        NotEdited: something else would change, too.
    """
    file = _File(text, path)
    made = file.with_entry(keys, value)
    found = syntax.read(made, path)
    if found.problems or found.data != _with(file.data, keys, value):
        raise NotEdited(f"{'.'.join(map(str, keys))} cannot be put into the file by itself")
    return made


def _with(data: Json, keys: KeyPath, value: Json) -> Json:
    """Data in which an entry has another value."""
    if not keys:
        return value
    name = str(keys[0])
    return {**as_dict(data), name: _with(as_dict(data).get(name), keys[1:], value)}


class _File:
    """The lines of a file, with the places of its entries."""

    def __init__(self, text: str, path: Path) -> None:
        document = syntax.read(text, path)
        self.data: Json = document.data
        self._source = document.source
        self._lines = text.splitlines(keepends=True)
        if self._lines and not self._lines[-1].endswith("\n"):
            self._lines[-1] += "\n"

    def with_entry(self, keys: KeyPath, value: Json) -> str:
        """The text with an entry."""
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
        """The part of a key path that is there, in mappings."""
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
        """The text with one more entry at the end of a mapping in a block."""
        end, column = len(self._lines), 0
        if around:
            _, end, _ = self._region(around)
            first: Key = next(iter(as_dict(self._at(around))))
            column = self._source.position(*around, first).column - 1
        return self._spliced(end, end, value_lines(name, value, column))

    def _replaced(self, keys: KeyPath, value: Json) -> str:
        """The text with another value of an entry; one in braces is written with what is around it."""
        begin, end, column = self._region(keys)
        if self._lines[begin][:column].strip():
            around: Mapping[str, Any] = as_dict(self._at(keys[:-1]))
            return self._replaced(keys[:-1], {**around, str(keys[-1]): value})
        return self._spliced(begin, end, value_lines(str(keys[-1]), value, column))

    def _spliced(self, begin: int, end: int, lines: list[str]) -> str:
        return "".join([*self._lines[:begin], *lines, *self._lines[end:]])

    def _region(self, keys: KeyPath) -> tuple[int, int, int]:
        """The lines of an entry, from the first to the one after its last, and the column of its key."""
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
