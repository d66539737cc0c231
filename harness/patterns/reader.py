"""Parses a regular expression into the parts that `Pattern` follows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

_GROUP: Final = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
_REPEAT: Final = re.compile(r"(?:([*+?])|\{(\d+)(,?)(\d*)\})\??(?!\+)")
_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[^1-9kgNuxU])", re.DOTALL)
_BETWEEN: Final = frozenset(("^", "$", r"\b", r"\B", r"\A", r"\Z"))
_MOST_PARTS: Final = 2_000
_MOST_NESTED: Final = 50


class NotRegular(Exception):
    """A pattern has lookarounds or back references, is huge, or uses unsupported syntax."""


@dataclass(frozen=True, slots=True)
class Part:
    """A place in a pattern.

    Attributes:
        then: the next parts; empty at the end of the pattern.
        wanted: the condition for the character that the part consumes; None if it consumes none.
        between: the condition for the position between two characters; None if there is none.
    """

    then: tuple[int, ...]
    wanted: re.Pattern[str] | None = None
    between: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class _Repeat:
    item: _Item
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Alternatives:
    sequences: tuple[tuple[_Item, ...], ...]


_Item: TypeAlias = "Part | _Repeat | _Alternatives"


def read_pattern(text: str, options: re.RegexFlag) -> tuple[Part, ...]:
    """Parse a pattern that Python compiles. The first part is the start of the pattern.

    Raises:
        NotRegular: the pattern cannot be matched in one pass.
    """
    reader = _Reader(text, options)
    alternatives = reader.alternatives(0)
    return _Builder().build(alternatives)


class _Reader:
    def __init__(self, text: str, options: re.RegexFlag) -> None:
        self._text: Final = text
        self._options: Final = options
        self._position = 0

    def alternatives(self, depth: int) -> _Alternatives:
        if depth > _MOST_NESTED:
            raise NotRegular
        sequences: list[tuple[_Item, ...]] = []
        items: list[_Item] = []
        while self._position < len(self._text):
            character = self._text[self._position]
            if character == ")":
                break
            if character == "|":
                self._position += 1
                sequences.append(tuple(items))
                items = []
            elif not self._is_left_out(character):
                items.append(self._repeated(self._item(depth)))
        return _Alternatives((*sequences, tuple(items)))

    def _is_left_out(self, character: str) -> bool:
        """Skip white space and comments in a pattern with the flag x. Return whether anything was skipped."""
        if not self._options & re.VERBOSE or not (character.isspace() or character == "#"):
            return False
        end = self._text.find("\n", self._position) if character == "#" else self._position
        self._position = len(self._text) if end < 0 else end + 1
        return True

    def _item(self, depth: int) -> _Item:
        group = _GROUP.match(self._text, self._position)
        if group:
            self._position = group.end()
            inner = self.alternatives(depth + 1)
            self._position += 1
            return inner
        source = self._source()
        self._position += len(source)
        alone = source in "#{}]" or source.isspace()
        compiled = re.compile(re.escape(source) if alone else source, self._options)
        return Part((), between=compiled) if source in _BETWEEN else Part((), wanted=compiled)

    def _source(self) -> str:
        """Return the pattern for one character: a letter, an escape, or a class in brackets."""
        character = self._text[self._position]
        if character == "\\":
            escape = _ESCAPE.match(self._text, self._position)
            if not escape:
                raise NotRegular
            return escape[0]
        if character == "[":
            return self._class()
        if character == "(":
            raise NotRegular
        return character

    def _class(self) -> str:
        end = self._position + 1
        end += self._text[end : end + 1] == "^"
        end += self._text[end : end + 1] == "]"
        while self._text[end] != "]":
            if self._text[end] == "[" or self._text.startswith("&&", end):
                raise NotRegular
            end += 2 if self._text[end] == "\\" else 1
        return self._text[self._position : end + 1]

    def _repeated(self, item: _Item) -> _Item:
        repeat = _REPEAT.match(self._text, self._position)
        if not repeat:
            if self._text[self._position : self._position + 1] in tuple("*+?"):
                raise NotRegular
            return item
        self._position = repeat.end()
        if repeat[1]:
            return _Repeat(item, int(repeat[1] == "+"), 1 if repeat[1] == "?" else None)
        least = int(repeat[2])
        return _Repeat(item, least, int(repeat[4]) if repeat[4] else None if repeat[3] else least)


class _Builder:
    """Builds the parts from the end, because each part needs its successors."""

    def __init__(self) -> None:
        self._parts: list[Part] = []

    def build(self, item: _Item) -> tuple[Part, ...]:
        end = self._add(Part(()))
        start = self._item(item, end)
        self._parts.append(Part((start,)))
        last = len(self._parts) - 1
        # The start must be the first part: swap it with the end, which is there now.
        places = {0: last, last: 0}
        moved = [
            Part(tuple(places.get(each, each) for each in part.then), part.wanted, part.between)
            for part in self._parts
        ]
        moved[0], moved[last] = moved[last], moved[0]
        return tuple(moved)

    def _add(self, part: Part) -> int:
        if len(self._parts) >= _MOST_PARTS:
            raise NotRegular
        self._parts.append(part)
        return len(self._parts) - 1

    def _item(self, item: _Item, then: int) -> int:
        if isinstance(item, Part):
            return self._add(Part((then,), item.wanted, item.between))
        if isinstance(item, _Repeat):
            return self._repeat(item, then)
        starts = []
        for sequence in item.sequences:
            start = then
            for each in reversed(sequence):
                start = self._item(each, start)
            starts.append(start)
        return self._add(Part(tuple(starts)))

    def _repeat(self, repeat: _Repeat, then: int) -> int:
        start = then
        if repeat.most is None:
            start = self._add(Part((then,)))
            again = self._item(repeat.item, start)
            self._parts[start] = Part((again, then))
        else:
            for _ in range(repeat.most - repeat.least):
                start = self._add(Part((self._item(repeat.item, start), then)))
        for _ in range(repeat.least):
            start = self._item(repeat.item, start)
        return start
