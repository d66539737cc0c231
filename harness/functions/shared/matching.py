"""The rules by which an entry of a scenario is chosen: by parameters, by texts, and by number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Numbered(Protocol):
    """An entry that is for the `first` to the `last` of those that it fits; None for all from there on."""

    @property
    def first(self) -> int:
        """The number of the first, counted from 1."""

    @property
    def last(self) -> int | None:
        """The number of the last."""


def fires(entry: Numbered, number: int) -> bool:
    """Tell whether an entry is for the one of this number, counted from 1, of those that it fits."""
    return entry.first <= number and (entry.last is None or number <= entry.last)


def matches(wanted: object, given: object) -> bool:
    """Tell whether `given` equals `wanted`, or is a mapping that has all of its members with such values."""
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return all(name in given and matches(value, given[name]) for name, value in wanted.items())
    return bool(wanted == given)


def is_in(wanted: Mapping[str, int], way: str) -> bool:
    """Tell whether a way to a task, `Orders[3]/Lines[0]/Sign`, leads through these iterations of Maps."""
    return all(f"/{name}[{index}]/" in f"/{way}" for name, index in wanted.items())


def is_like(matcher: Mapping[str, Any], text: str | None) -> bool:
    """Tell whether a text meets a matcher of a scenario file; None stands for one that is not there."""
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
