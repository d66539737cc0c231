"""Searches for the regular expressions of files, within steps that are the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from harness.patterns.pattern import Pattern

MOST_STEPS: Final = 5_000_000
"""Places that one search may visit, some seconds of it; a log of 1 MB and a usual expression take a tenth."""
TOO_COSTLY: Final = "no repeats in repeats, and no look-around or back references beside repeats"


class TooCostly(Exception):
    """A regular expression takes too many steps for a text: neither found nor not found."""

    def __init__(self, pattern: str, text: str) -> None:
        super().__init__(
            f"cannot be compared with /{pattern}/: on {len(text):,} characters that takes more than "
            f"{MOST_STEPS:,} steps; write {TOO_COSTLY}"
        )


def is_found(pattern: str, text: str) -> bool:
    """Tell whether Python's `re.search` finds an expression in a text. Raises TooCostly."""
    return _compiled(pattern).is_found_in(text, _Budget(pattern, text))


def is_whole(pattern: str, text: str) -> bool:
    """Tell whether Python's `re.fullmatch` matches a text with an expression. Raises TooCostly."""
    return _compiled(pattern).matches(text, _Budget(pattern, text))


class _Budget:
    """Counts the steps of one search, and raises TooCostly when there are too many."""

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
