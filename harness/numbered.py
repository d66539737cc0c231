"""Patterns that stand for many names: `raw/{n:05}.nef` with a count of 500. Names are generated on demand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Final, TypeAlias

COUNTER: Final = re.compile(r"\{n(?::0(\d{1,2}))?\}")


@dataclass(frozen=True)
class Pattern:
    """A string that stands for `count` names. `{n}` counts from 1. Without `count`, it is a single name."""

    text: str
    count: int | None = None

    def __iter__(self) -> Iterator[str]:
        return map(self.at, range(1, (self.count or 0) + 1)) if self.count is not None else iter((self.text,))

    def __len__(self) -> int:
        return 1 if self.count is None else self.count

    def __contains__(self, name: str) -> bool:
        return name == self.text if self.count is None else self.number_of(name) is not None

    @cached_property
    def first_width(self) -> int:
        """The minimum number of digits of the first counter, or 0 without a counter."""
        first = COUNTER.search(self.text)
        return max(int(first[1] or 1), 1) if first else 0

    @cached_property
    def _format(self) -> str:
        """Return the text as a format string for `str.format`."""
        literals = COUNTER.sub("\0", self.text).replace("{", "{{").replace("}", "}}").split("\0")
        widths = [f"{{0:0{width}d}}" if width else "{0}" for width in COUNTER.split(self.text)[1::2]]
        return literals[0] + "".join(w + text for w, text in zip(widths, literals[1:], strict=True))

    def at(self, n: int) -> str:
        """Return the `n`-th name, counted from 1."""
        return self._format.format(n)

    def blocks(self) -> Iterator[tuple[int, int]]:
        """Return the first and last number in each block whose names sort in the same order as its numbers.

        Numbers with the same number of digits form a block, because `10` sorts before `2`.
        """
        low, high = 1, 10**self.first_width - 1
        while low <= len(self):
            yield low, min(high, len(self))
            low, high = high + 1, high * 10 + 9

    def number_of(self, name: str) -> int | None:
        """Return the number of a name, counted from 1, or None if this pattern does not produce the name."""
        first = COUNTER.search(self.text)
        if first is None or self.count is None:
            return None
        for digits in range(self.first_width, max(self.first_width, len(str(self.count))) + 1):
            number = name[first.start() : first.start() + digits]
            if number.isdecimal() and 1 <= int(number) <= self.count and self.at(int(number)) == name:
                return int(number)
        return None

    @property
    def last(self) -> str:
        """Return the last name, which is the longest."""
        return self.text if self.count is None else self.at(max(self.count, 1))

    def overlap(self, other: Pattern) -> str | None:
        """Return a name that both patterns produce, or None. The running time does not depend on the
        counts.
        """
        pairs = product(self._digits, other._digits)
        names = (_in_common(self._cells(n, 0), other._cells(m, 1), (self, other)) for n, m in pairs)
        return next((name for name in names if name is not None), None)

    @property
    def _digits(self) -> range:
        """Return the possible numbers of digits in its numbers."""
        return range(1) if self.count is None else range(1, len(str(self.count)) + 1)

    def _cells(self, digits: int, side: int) -> list[Cell]:
        """Return the names whose numbers have this number of digits, character by character."""
        if self.count is None:
            return list(self.text)
        texts, widths = COUNTER.split(self.text)[::2], COUNTER.split(self.text)[1::2]
        cells: list[Cell] = list(texts[0])
        for width, text in zip(widths, texts[1:], strict=True):
            cells += "0" * (int(width or 0) - digits)
            cells += ((side, place) for place in range(digits))
            cells += text
        return cells


Cell: TypeAlias = str | tuple[int, int]
"""A fixed character, or a digit in a number: the pattern (0 or 1) and the position from the left."""


def _in_common(one: list[Cell], other: list[Cell], patterns: tuple[Pattern, Pattern]) -> str | None:
    """Return the name with the smallest digits that matches both patterns. None if there is no such name, or
    if its number is too large for a pattern.
    """
    if len(one) != len(other):
        return None
    same: dict[Cell, Cell] = {}

    def known(cell: Cell) -> Cell:
        while cell in same:
            cell = same[cell]
        return cell

    for pair in zip(one, other, strict=True):
        mine, theirs = map(known, pair)
        if mine == theirs:
            continue
        digit, as_it = (theirs, mine) if isinstance(mine, str) else (mine, theirs)
        if isinstance(digit, str) or (isinstance(as_it, str) and as_it not in "0123456789"):
            return None
        same[digit] = as_it
    leading = {known((0, 0)), known((1, 0))}  # these digits must not be 0

    def value(cell: Cell) -> str:
        found = known(cell)
        return found if isinstance(found, str) else "1" if found in leading else "0"

    for side, (cells, pattern) in enumerate(zip((one, other), patterns, strict=True)):
        places = sorted({cell for cell in cells if isinstance(cell, tuple) and cell[0] == side})
        number = "".join(map(value, places))
        if pattern.count is not None and places and not (number >= "1" and int(number) <= pattern.count):
            return None
    return "".join(map(value, one))


def ends(text: str) -> tuple[str, str]:
    """Return the fixed beginning and end of a string: the parts before its first counter and after its
    last.
    """
    parts = COUNTER.split(text)
    return parts[0], parts[-1]
