"""The first position where two JSON values differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.expect.values import plain

NOTHING: Final = "(nothing)"
_SHOWN: Final = 160


@dataclass(frozen=True)
class Place:
    """A position in two values: its path, such as `body.ids[2]`, and both values, formatted for display."""

    path: str
    first: str
    second: str


def first_place(first: object, second: object, path: str = "") -> Place | None:
    """Return the first position where two values differ, or None if they are equal.

    Strings that contain JSON are compared as JSON.
    """
    if first == second and type(first) is type(second):
        return None
    if isinstance(first, str) and isinstance(second, str):
        inner = _read(first), _read(second)
        if None not in inner and (found := first_place(*inner, path)):
            return found
        return _of_texts(first, second, path)
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return next(_of_members(first, second, path), None)
    if isinstance(first, Sequence) and isinstance(second, Sequence):
        return next(_of_entries(first, second, path), None)
    return Place(path, _shown(first), _shown(second))


def _of_members(first: Mapping[str, object], second: Mapping[str, object], path: str) -> Iterator[Place]:
    for name in dict.fromkeys((*first, *second)):
        inner = f"{path}.{name}" if path else str(name)
        if name not in first or name not in second:
            yield Place(inner, *(_shown(each[name]) if name in each else NOTHING for each in (first, second)))
        elif found := first_place(first[name], second[name], inner):
            yield found


def _of_entries(first: Sequence[object], second: Sequence[object], path: str) -> Iterator[Place]:
    for number, (one, other) in enumerate(zip(first, second, strict=False)):
        if found := first_place(one, other, f"{path}[{number}]"):
            yield found
    if len(first) != len(second):
        yield Place(path, f"{len(first)} entries", f"{len(second)} entries")


def _of_texts(first: str, second: str, path: str) -> Place:
    """Return the first lines that differ in two strings, cut to the part that differs."""
    pairs = zip((*first.splitlines(), NOTHING), (*second.splitlines(), NOTHING), strict=False)
    one, other = next(((a, b) for a, b in pairs if a != b), (first, second))
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    begin = max(0, same - _SHOWN // 2)
    before = "…" if begin else ""
    return Place(path, *(f"{before}{each[begin : begin + _SHOWN]}" for each in (one, other)))


def _read(text: str) -> object:
    """Return the object or array in a JSON string, or None for any other string."""
    if not text.startswith(("{", "[")):
        return None
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=plain)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
