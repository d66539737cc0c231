"""Names that stand for many: `raw/{n:05}.nef` with a count of 500."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.scenario.position import RefusedError

_COUNTER = re.compile(r"\{n(?::0(\d{1,2}))?\}")
_LOOKALIKE = re.compile(r"\{n\b[^{}]*\}")

REMEDY = "write {n}, or {n:05} for five digits with leading zeros"


@dataclass(frozen=True)
class Pattern:
    """A text that stands for `count` names: `{n}` counts from 1. Without `count` it stands for itself."""

    text: str
    count: int | None = None

    def __iter__(self) -> Iterator[str]:
        return map(self.at, range(1, (self.count or 0) + 1)) if self.count is not None else iter((self.text,))

    def __len__(self) -> int:
        return 1 if self.count is None else self.count

    def __contains__(self, name: str) -> bool:
        if self.count is None:
            return name == self.text
        first = _COUNTER.search(self.text)
        if first is None:
            return name == self.text and self.count > 0
        for digits in range(1, len(str(self.count)) + 1):
            number = name[first.start() : first.start() + max(digits, int(first[1] or 0))]
            if number.isdecimal() and 1 <= int(number) <= self.count and self.at(int(number)) == name:
                return True
        return False

    def at(self, n: int) -> str:
        """The `n`-th name, counted from 1."""
        return _COUNTER.sub(lambda counter: f"{n:0{counter[1] or 0}d}", self.text)

    @property
    def last(self) -> str:
        """The last name, which is the longest one."""
        return self.text if self.count is None else self.at(max(self.count, 1))

    def overlap(self, other: Pattern) -> str | None:
        """A name that both stand for, or None."""
        if not _may_meet(self.text, other.text):
            return None
        small, large = (self, other) if len(self) <= len(other) else (other, self)
        return next((name for name in small if name in large), None)


def counts(text: str) -> bool:
    """True if `text` has a counter.

    Raises: RefusedError if it has something like one, such as `{n:5}`.
    """
    for lookalike in _LOOKALIKE.finditer(text):
        if not _COUNTER.fullmatch(lookalike[0]):
            raise RefusedError(f"{lookalike[0]} in {text!r} is not a counter", REMEDY)
    return _COUNTER.search(text) is not None


def _may_meet(one: str, other: str) -> bool:
    """True if the fixed beginnings and ends of two patterns fit each other."""
    (head, tail), (other_head, other_tail) = ends(one), ends(other)
    heads = head.startswith(other_head) or other_head.startswith(head)
    return heads and (tail.endswith(other_tail) or other_tail.endswith(tail))


def ends(text: str) -> tuple[str, str]:
    """The fixed beginning and end of a text: what is before its first counter, and behind its last."""
    parts = _COUNTER.split(text)
    return parts[0], parts[-1]
