"""Leaves values out of the comparison that the settings, or the command line, name."""

from __future__ import annotations

from collections.abc import Iterable

from harness.replay.sameness import Skips
from harness.replay_settings import IgnoredValue


def skipping(ignored: Iterable[IgnoredValue]) -> Skips | None:
    """The function that tells of a value that it is left out; None where none is."""
    entries = tuple(ignored)
    if not entries:
        return None
    return lambda way, state: any(each.is_at(way, state) for each in entries)
