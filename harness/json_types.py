"""JSON as Python's types. Imports nothing of the harness, so that every module may use it.

`json.loads` returns `Any`: annotate what it is assigned to, and narrow with `isinstance` from there.

    event: Json = json.loads(text)
    name = event.get("name") if isinstance(event, dict) else None

Lists and dicts, not Sequence and Mapping: JSON is parsed into those, and `isinstance` narrows to
them without leaving a str that is a Sequence, too. A dict of another type, such as `dict[str, str]`, is no
`JsonObject` to the type checker; annotate it as one where it is made.
"""

from __future__ import annotations

import json
from typing import TypeAlias, TypeGuard

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any JSON value."""

JsonObject: TypeAlias = dict[str, Json]
"""An object, e.g. an event of a function or the parameters of a call."""


def as_dict(value: Json) -> JsonObject:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def json_or_text(text: str) -> Json:
    """The value of a JSON text; a text that is none is a text."""
    value: Json
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell a number from true and false, which Python takes for integers."""
    return isinstance(value, int | float) and not isinstance(value, bool)
