"""The parts that values of several plays have in common, as what may be expected of the next play.

A scenario is recorded from plays in several worlds, whose ids, jitter and orders differ. What is the same in
all of them is expected; of a text that differs, its lines and words that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from harness.json_types import Json

T = TypeVar("T")
_LONGEST: Final = 4_000
"""Characters of a text that is expected as a whole."""
_MOST_PARTS: Final = 12
_MOST_WORDS: Final = 100
"""Words of a line that are compared; the work grows with their square."""
_SHORTEST: Final = 4
"""Characters of a part that says something by itself."""


def only(values: Iterable[T]) -> T | None:
    """The value that all of these are; None where they differ, or are None."""
    found = list(values)
    return found[0] if found and all(each == found[0] for each in found) else None


def common_text(texts: Sequence[str | None]) -> Json:
    """A matcher of a text: the whole text, or its parts that are the same in all; None for no such part."""
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
    """Lines that are in all of the texts; of others, the words at their beginning that are."""
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
    """The longest run of words of a line that is in all of the other texts."""
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
    """The members that are the same in all, at any depth of mappings."""
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
    """The entries of several plays that belong together: by their keys, else by their places.

    None where the plays have different numbers of entries.
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
