"""Values that are known on AWS only, such as the name of a deployed function: marks that stand for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from harness.json_types import Json, JsonObject

# Characters of Unicode's private use area: no text of a workflow has them.
_BEGIN: Final = "\ue000"
_END: Final = "\ue001"
MARK: Final = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")


def mark(name: str) -> str:
    """A mark for the value of a name."""
    return f"{_BEGIN}{name}{_END}"


def has_mark(text: str) -> bool:
    """Tell whether something in a text is not known."""
    return _BEGIN in text


def shown(text: str) -> str:
    """A text to be read by people, with `${name}` for what is not known."""
    return MARK.sub(lambda match: f"${{{match[1]}}}", text)


def matched(pattern: str, text: str) -> Mapping[str, str] | None:
    """The values by which a text with marks becomes another one; None if none do.

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
    """A value with the marks replaced whose values are known."""
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
