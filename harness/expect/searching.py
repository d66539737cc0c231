"""Search with regular expressions from files, with a step limit that is the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from harness.patterns.pattern import Pattern

MOST_STEPS: Final = 5_000_000
"""The step limit for one search, equivalent to a few seconds.

Searching a 1 MB log with a typical expression takes a tenth of this limit.
"""
TOO_COSTLY: Final = "no nested repeats, and no look-around or back references together with repeats"


class TooCostly(Exception):
    """A regular expression takes too many steps for a string, so the result is unknown."""

    def __init__(self, pattern: str, text: str) -> None:
        super().__init__(
            f"cannot be matched with /{pattern}/: this takes more than {MOST_STEPS:,} steps for "
            f"{len(text):,} characters; use {TOO_COSTLY}"
        )


def is_found(pattern: str, text: str) -> bool:
    """Return whether Python's `re.search` finds an expression in a string. Raises TooCostly."""
    return _compiled(pattern).is_found_in(text, _Budget(pattern, text))


def is_whole(pattern: str, text: str) -> bool:
    """Return whether an expression matches an entire string, like `re.fullmatch`. Raises TooCostly."""
    return _compiled(pattern).matches(text, _Budget(pattern, text))


class _Budget:
    """Count the steps in one search, and raise TooCostly at the limit."""

    def __init__(self, pattern: str, text: str) -> None:
        self._left = MOST_STEPS
        self._of = pattern, text

    def __call__(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise TooCostly(*self._of)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Pattern:
    return Pattern(pattern, python=True)
