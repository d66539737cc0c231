"""Chance that repeats: jitter, UUIDs and random numbers of one seeded generator."""

from __future__ import annotations

import random


class Randomness:
    """A deterministic source: the same seed and the same questions give the same answers."""

    __slots__ = ("_random",)

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it must repeat, not be secret

    def uuid(self) -> str:
        """A version 4 UUID."""
        digits = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def integer(self, low: int, high: int, seed: int | None = None) -> int:
        """A whole number, low <= n < high; of its own generator when a seed is given."""
        source = self._random if seed is None else random.Random(seed)  # noqa: S311
        return source.randrange(low, high)

    def fraction(self, seed: int | None = None) -> float:
        """A number, 0 <= x < 1; of its own generator when a seed is given."""
        source = self._random if seed is None else random.Random(seed)  # noqa: S311
        return source.random()
