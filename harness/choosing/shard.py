"""Divide scenarios and trials into parts for parallel jobs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

Any_ = TypeVar("Any_")
_FORM: Final = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


class Shard(NamedTuple):
    """A shard: one of several parts, counted from 1."""

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Shard:
        """Parse a shard: `1/4`.

        Raises:
            ValueError: the string is not a valid shard.
        """
        match = _FORM.fullmatch(text)
        found = cls(int(match[1]), int(match[2])) if match else cls(0, 0)
        if not 1 <= found.number <= found.of:
            raise ValueError(
                f"invalid shard {text!r}: write its number and the number of shards, for example 1/4"
            )
        return found

    def part(self, all_: Sequence[Any_]) -> tuple[Any_, ...]:
        """Return every nth item, so that neighbouring items with similar run times are in different shards.

        >>> Shard(2, 3).part("abcdefg")
        ('b', 'e')
        """
        return tuple(all_[self.number - 1 :: self.of])
