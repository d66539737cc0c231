"""Parts into which scenarios and trials are divided, for jobs that run side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

Any_ = TypeVar("Any_")
_FORM: Final = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


class Shard(NamedTuple):
    """One of several parts, counted from 1."""

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """A shard as it is written: `1/4`.

        Raises:
            ValueError: it is none.
        """
        match = _FORM.fullmatch(text)
        found = cls(int(match[1]), int(match[2])) if match else cls(0, 0)
        if not 1 <= found.number <= found.of:
            raise ValueError(f"{text!r} is not a shard; write its number and how many there are, such as 1/4")
        return found

    def part(self, all_: Sequence[Any_]) -> tuple[Any_, ...]:
        """Every n-th of all, so that neighbours, which take about equally long, are in different shards.

        >>> Shard(2, 3).part("abcdefg")
        ('b', 'e')
        """
        return tuple(all_[self.number - 1 :: self.of])
