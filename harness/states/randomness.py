"""Repeatable randomness: jitter, UUIDs and random numbers from one seeded generator."""

from __future__ import annotations

import random
from typing import Final

# https://docs.oracle.com/javase/8/docs/api/java/util/Random.html
_JAVA_FACTOR: Final = 0x5DEECE66D
_JAVA_MASK: Final = (1 << 48) - 1


class Randomness:
    """A deterministic source: the same seed and the same sequence of calls return the same values."""

    __slots__ = ("_random",)

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - must be repeatable, not secret

    def uuid(self) -> str:
        """A version 4 UUID."""
        digits = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def integer(self, low: int, high: int, seed: int | None = None) -> int:
        """A whole number, low <= n < high. With a seed, the number comes from a separate generator."""
        source = self._random if seed is None else random.Random(seed)  # noqa: S311
        return source.randrange(low, high)

    def fraction(self, seed: int | None = None) -> float:
        """A number, 0 <= x < 1. With a seed, it is the first number from Java's generator, as on AWS."""
        return self._random.random() if seed is None else _java_fraction(seed)


def _java_fraction(seed: int) -> float:
    """Return the first `nextDouble` of a `java.util.Random` with this seed.

    >>> _java_fraction(42)
    0.7275636800328681
    """
    high, state = _java_next((seed ^ _JAVA_FACTOR) & _JAVA_MASK, 26)
    low, _ = _java_next(state, 27)
    return float((high << 27) + low) / (1 << 53)


def _java_next(state: int, bits: int) -> tuple[int, int]:
    following = (state * _JAVA_FACTOR + 0xB) & _JAVA_MASK
    return following >> (48 - bits), following
