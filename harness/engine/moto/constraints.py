"""The constraints of AWS's models: what a request violates, in the words in which the services say it.

botocore's models have the constraints of each member. A service that finds violations answers with all of
them at once: `2 validation errors detected: Value null at 'message' failed to satisfy constraint: ...`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from harness.json_types import Json

_LENGTHS: Final = ("string", "blob", "list", "map")
_NUMBERS: Final = ("integer", "long", "float", "double")


def violations(shape: Shape, value: object, at: str = "") -> Iterator[str]:
    """Find what a value violates: `Value '' at 'name' failed to satisfy constraint: ...` for each."""
    for problem in _problems(shape, value):
        yield _said(value, at, problem)
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, member in shape.members.items():
            place = f"{at}.{_lower(name)}" if at else _lower(name)
            given = value.get(name)
            if given is not None:
                yield from violations(member, given, place)
            elif name in shape.required_members:
                yield _said(None, place, "Member must not be null")
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from violations(shape.member, item, f"{at}.{number}.member")
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for key, item in value.items():
            yield from violations(shape.value, item, f"{at}.{key}.member")


def summary(found: list[str]) -> str:
    """Give the message for violations, of which there is at least one."""
    count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
    return f"{count}: {'; '.join(found)}"


def _problems(shape: Shape, value: object) -> Iterator[str]:
    limits: Mapping[str, Any] = shape.metadata
    if shape.type_name in _LENGTHS and isinstance(value, (str, bytes, list, Mapping)):
        yield from _outside(limits, len(value), "length ")
    elif shape.type_name in _NUMBERS and isinstance(value, (int, float)):
        yield from _outside(limits, value, "value ")
    if isinstance(value, str):
        allowed = limits.get("enum")
        if allowed and value not in allowed:
            yield f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        pattern = limits.get("pattern")
        if pattern and not _compiled(pattern)(value):
            yield f"Member must satisfy regular expression pattern: {pattern}"


def _outside(limits: Mapping[str, Any], measured: float, what: str) -> Iterator[str]:
    if "min" in limits and measured < limits["min"]:
        yield f"Member must have {what}greater than or equal to {limits['min']}"
    if "max" in limits and measured > limits["max"]:
        yield f"Member must have {what}less than or equal to {limits['max']}"


def _compiled(pattern: str) -> Callable[[str], object]:
    """Give the match of a pattern; one that Python cannot read matches everything."""
    try:
        return re.compile(pattern, re.ASCII).fullmatch
    except re.error:
        return bool


def _said(value: object, at: str, problem: str) -> str:
    shown = "null" if value is None else f"'{_shown(value)}'"
    return f"Value {shown} at '{at}' failed to satisfy constraint: {problem}"


def _shown(value: Json | object) -> str:
    """Write a value as Java does: `[a, b]` for a list."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_shown(item)}" for key, item in value.items()) + "}"
    return str(value)


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
