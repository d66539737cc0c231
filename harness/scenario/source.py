"""The text of a scenario file, and the position of each key and value in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from harness.files import read_text
from harness.scenario.position import Position

Key = str | int
KeyPath = tuple[Key, ...]


class Reference(str):
    """A resource name, written as `!Ref Name`. It stands for the physical ID."""

    __slots__ = ()


def references(value: object, at: KeyPath = ()) -> Iterator[tuple[Reference, KeyPath]]:
    """Yield the references in JSON, each with its key path."""
    if isinstance(value, Reference):
        yield value, at
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from references(each, (*at, key))
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            yield from references(each, (*at, n))


@dataclass(frozen=True)
class Marks:
    """Positions of an entry: (line, column) of its key and its value. A list item is its own key."""

    key: tuple[int, int]
    value: tuple[int, int]


@dataclass(frozen=True)
class Source:
    """A file's path, its text, and the marks of each key path, such as `("seed", "buckets", "photos")`."""

    path: Path = Path("scenario.yaml")
    text: str = ""
    marks: Mapping[KeyPath, Marks] = field(default_factory=dict)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.splitlines()

    def position(self, *key_path: Key, of: Literal["key", "value"] = "key") -> Position:
        """Return the position of the entry at `key_path`, or of the nearest enclosing entry in the file."""
        known = self.known(*key_path)
        marks = self.marks.get(known)
        if marks is None:
            return Position(self.path)
        return Position(self.path, *(marks.key if of == "key" else marks.value))

    def known(self, *key_path: Key) -> KeyPath:
        """Return `key_path` without elements that are not in the file, such as defaults and short forms."""
        known: KeyPath = ()
        for key in key_path:
            if (*known, key) in self.marks:
                known = (*known, key)
        return known

    def excerpt(self, where: Position, before: int = 2, after: int = 2) -> Iterator[tuple[int, str]]:
        """Return the lines around a position with their line numbers, counted from 1.

        The position may be in a different file. If the file cannot be read, the result is empty.
        """
        try:
            text = self.text if where.path == self.path else read_text(where.path, errors="replace")
        except OSError:
            return iter(())
        lines = self._lines if text is self.text else text.splitlines()
        first = max(1, where.line - before)
        return enumerate(lines[first - 1 : where.line + after], start=first)
