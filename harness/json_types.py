"""JSON as Python's types. Imports nothing from the harness, so every module can use it.

`json.loads` returns `Any`. Annotate the variable that it is assigned to, and narrow it with `isinstance`:

    event: Json = json.loads(text)
    name = event.get("name") if isinstance(event, dict) else None

The types are list and dict instead of Sequence and Mapping. JSON is parsed into those types, and with
Sequence `isinstance` would not exclude a str. To the type checker, a dict of another type, such as
`dict[str, str]`, is not a `JsonObject`. Annotate it as `JsonObject` where it is created.
"""

from __future__ import annotations

import json
from typing import TypeAlias, TypeGuard

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any JSON value."""

JsonObject: TypeAlias = dict[str, Json]
"""A JSON object, such as a function's event or the parameters of a call."""


def as_dict(value: Json) -> JsonObject:
    """Return `value` if it is an object, otherwise an empty object."""
    return value if isinstance(value, dict) else {}


def json_or_text(text: str) -> Json:
    """Parse JSON text. Text that is not JSON is returned unchanged."""
    value: Json
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a number. Excludes true and false, which are integers in Python."""
    return isinstance(value, int | float) and not isinstance(value, bool)
