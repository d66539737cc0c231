"""Excludes values from the comparison, as specified in the settings or on the command line."""

from __future__ import annotations

from collections.abc import Iterable

from harness.replay.sameness import Skips
from harness.replay_settings import IgnoredValue


def skipping(ignored: Iterable[IgnoredValue]) -> Skips | None:
    """Return a function that decides whether a value is excluded, or None if no values are excluded."""
    entries = tuple(ignored)
    if not entries:
        return None
    return lambda way, state: any(each.is_at(way, state) for each in entries)
