"""The common parts of values from several runs, used as an expectation for the next run.

A scenario is recorded from runs in several worlds, with different IDs, jitter and order. Values that are the
same in all worlds become expectations. If a string differs, its common lines and words become expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from harness.json_types import Json

T = TypeVar("T")
_LONGEST: Final = 4_000
"""The maximum length of a string that is expected in full."""
_MOST_PARTS: Final = 12
_MOST_WORDS: Final = 100
"""The maximum number of words per line to compare. The work is quadratic in this number."""
_SHORTEST: Final = 4
"""The minimum length of a part that is meaningful on its own."""


def only(values: Iterable[T]) -> T | None:
    """Return the common value; None if the values differ or are None."""
    found = list(values)
    return found[0] if found and all(each == found[0] for each in found) else None


def common_text(texts: Sequence[str | None]) -> Json:
    """Return a matcher for strings: the full string, or the common parts; None if there are none."""
    given = [each for each in texts if each is not None]
    if not given or len(given) < len(texts):
        return None
    same = only(given)
    if same is not None and len(same) <= _LONGEST:
        return same or {"equals": ""}
    parts = _parts(given)
    if not parts:
        return None
    return {"contains": parts[0] if len(parts) == 1 else list(parts)}


def _parts(texts: Sequence[str]) -> list[str]:
    """Return the lines that all strings contain; for other lines, return the common words at the start."""
    first, *others = texts
    found: dict[str, None] = {}
    for line in first.splitlines():
        if len(found) == _MOST_PARTS:
            break
        part = _common(line.strip(), others)
        if len(part) >= _SHORTEST and not any(part in each for each in found):
            found[part] = None
    return list(found)


def _common(line: str, others: Sequence[str]) -> str:
    """Return the longest sequence of words in a line that all other strings contain."""
    words = line.split(" ")[:_MOST_WORDS]
    best = ""
    for begin in range(len(words)):
        for end in range(len(words), begin, -1):
            part = " ".join(words[begin:end])
            if len(part) <= len(best):
                break
            if all(part in other for other in others):
                best = part
    return best


def members(mappings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the members that are the same in all values, at any depth of mappings."""
    found: dict[str, Any] = {}
    first, *others = mappings
    for name, value in first.items():
        if not all(name in other for other in others):
            continue
        same = only(each[name] for each in mappings)
        if same is not None or all(each[name] is None for each in mappings):
            found[name] = value
        elif all(isinstance(each[name], dict) for each in mappings) and (
            inner := members([each[name] for each in mappings])
        ):
            found[name] = inner
    return found


def paired(plays: Sequence[Sequence[T]], key: Callable[[T], object]) -> list[tuple[T, ...]] | None:
    """Return corresponding entries from several runs, matched by key or otherwise by position.

    None if the runs have different numbers of entries.
    """
    if len({len(play) for play in plays}) != 1:
        return None
    keys = [[key(each) for each in play] for play in plays]
    if all(_distinct(each) and set(map(repr, each)) == set(map(repr, keys[0])) for each in keys):
        found = [{repr(key(each)): each for each in play} for play in plays]
        return [tuple(play[repr(name)] for play in found) for name in keys[0]]
    return list(zip(*plays, strict=True))


def _distinct(keys: Sequence[object]) -> bool:
    return len(set(map(repr, keys))) == len(keys)
