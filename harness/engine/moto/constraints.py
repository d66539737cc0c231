"""Finds violations of botocore's model constraints in a request, in AWS's error format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from harness.constraints import (
    NOT_NULL,
    at_least,
    at_most,
    java_text,
    lower_first,
    matching,
    one_of,
    violation,
)

_LENGTHS: Final = ("string", "blob", "list", "map")
_NUMBERS: Final = ("integer", "long", "float", "double")


def violations(shape: Shape, value: object, place: str = "") -> Iterator[str]:
    """Yield the violations in a value and in its nested values."""
    for constraint in (*outside(shape, value), *unlike(shape, value)):
        yield violation(place, constraint, java_text(value))
    for inner, given, below in members(shape, value, place):
        if given is None:
            yield violation(below, NOT_NULL)
        else:
            yield from violations(inner, given, below)


def members(shape: Shape, value: object, place: str) -> Iterator[tuple[Shape, object, str]]:
    """Yield the shape, value and path of each member. A missing required member has the value None."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, member in shape.members.items():
            given = value.get(name)
            if given is not None or name in shape.required_members:
                yield member, given, f"{place}.{_in_place(name)}" if place else _in_place(name)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield shape.member, item, f"{place}.{number}.member"
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for key, item in value.items():
            yield shape.value, item, f"{place}.{key}.member"


def outside(shape: Shape, value: object, most: float | None = None) -> Iterator[str]:
    """Yield the bounds that a value violates. `most` overrides the model's upper bound."""
    limits: Mapping[str, Any] = shape.metadata
    if shape.type_name in _LENGTHS and isinstance(value, (str, bytes, list, Mapping)):
        size, measure = float(len(value)), "length"
    elif shape.type_name in _NUMBERS and isinstance(value, (int, float)):
        size, measure = value, "value"
    else:
        return
    least, most = limits.get("min"), limits.get("max") if most is None else most
    if least is not None and size < least:
        yield at_least(measure, least)
    if most is not None and size > most:
        yield at_most(measure, most)


def unlike(shape: Shape, value: object, listed: Iterable[str] = ()) -> Iterator[str]:
    """Yield the enumeration and the pattern that a string violates.

    `listed` is the enumeration in AWS's order.
    """
    if not isinstance(value, str):
        return
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield one_of(listed or allowed)
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern)(value):
        yield matching(pattern)


@cache
def _compiled(pattern: str) -> Callable[[str], object]:
    """Return the match function for a pattern. A pattern that Python cannot compile matches everything."""
    try:
        return re.compile(pattern.replace(r"\p{Print}", r"[\x20-\x7e]"), re.ASCII).fullmatch
    except re.error:
        return bool


def _in_place(name: str) -> str:
    """Return a member name in the form used in paths: `tableName`, but `SSESpecification`."""
    return name if name[:3].isupper() else lower_first(name)
