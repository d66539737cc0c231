"""Marks for values that are known only on AWS, such as the name of a deployed function."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from harness.json_types import Json, JsonObject

# Characters from Unicode's private use area, which workflow strings do not contain.
_BEGIN: Final = "\ue000"
_END: Final = "\ue001"
MARK: Final = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")


def mark(name: str) -> str:
    """Return a mark for a named value."""
    return f"{_BEGIN}{name}{_END}"


def has_mark(text: str) -> bool:
    """Return whether a string contains a mark."""
    return _BEGIN in text


def shown(text: str) -> str:
    """Return a readable string, with `${name}` for unknown values."""
    return MARK.sub(lambda match: f"${{{match[1]}}}", text)


def matched(pattern: str, text: str) -> Mapping[str, str] | None:
    """Return the values that turn a string with marks into a given string, or None if that is not possible.

    >>> matched("arn:" + mark("Fn") + ":1", "arn:orders:1")
    {'Fn': 'orders'}
    """
    names = MARK.findall(pattern)
    form = "(.+?)".join(re.escape(part) for part in MARK.split(pattern)[::2])
    match = re.fullmatch(form, text, re.DOTALL)
    if match is None:
        return None
    values: dict[str, str] = {}
    for name, value in zip(names, match.groups(), strict=True):
        if values.setdefault(name, value) != value:
            return None
    return values


def filled(value: Json, values: Mapping[str, str]) -> Json:
    """Return a value with all known marks replaced."""
    if isinstance(value, str):
        if not has_mark(value):
            return value
        return MARK.sub(lambda match: values.get(match[1], match[0]), value)
    if isinstance(value, list):
        return [filled(each, values) for each in value]
    if isinstance(value, dict):
        found: JsonObject = {str(filled(key, values)): filled(each, values) for key, each in value.items()}
        return found
    return value
