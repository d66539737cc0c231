"""The rules that select a scenario entry: by parameters, by strings, and by number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Numbered(Protocol):
    """An entry that applies to matches `first` to `last`. If `last` is None, it applies to all matches from
    `first` on.
    """

    @property
    def first(self) -> int:
        """Return the number of the first match, counted from 1."""

    @property
    def last(self) -> int | None:
        """Return the number of the last match."""


def fires(entry: Numbered, number: int) -> bool:
    """Return whether an entry applies to the match with this number, counted from 1."""
    return entry.first <= number and (entry.last is None or number <= entry.last)


def matches(wanted: object, given: object) -> bool:
    """Return whether `given` equals `wanted`, or is a mapping that contains all of its members.

    Members are compared in the same way.
    """
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return all(name in given and matches(value, given[name]) for name, value in wanted.items())
    return bool(wanted == given)


def is_in(wanted: Mapping[str, int], way: str) -> bool:
    """Return whether a task's path, `Orders[3]/Lines[0]/Sign`, contains these Map iterations."""
    return all(f"/{name}[{index}]/" in f"/{way}" for name, index in wanted.items())


def is_like(matcher: Mapping[str, Any], text: str | None) -> bool:
    """Return whether a string satisfies a matcher from a scenario file; None represents a missing string."""
    return not any(_against(matcher, text))


def _against(matcher: Mapping[str, Any], text: str | None) -> Iterator[bool]:
    given = {key: value for key, value in matcher.items() if value is not None}
    if "equals" in given:
        yield given["equals"] != text
    if "contains" in given:
        yield text is None or not all(part in text for part in given["contains"])
    if "matches" in given:
        yield text is None or re.search(given["matches"], text) is None
    if "not" in given:
        yield is_like(given["not"], text)
