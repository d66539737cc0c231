"""JSON-like values: equal when they say the same, and laid out so that two of them can be diffed."""

from __future__ import annotations

import base64
import json
from collections.abc import Hashable, Mapping
from decimal import Decimal

NUMBERS = int | float | Decimal


def same(wanted: object, seen: object) -> bool:
    """True if two values are equal; numbers compare by value (1, 1.0, Decimal(1)), but true is not 1."""
    if isinstance(wanted, bool) or isinstance(seen, bool):
        return wanted is seen
    if isinstance(wanted, NUMBERS) and isinstance(seen, NUMBERS):
        return Decimal(str(wanted)) == Decimal(str(seen))
    if isinstance(wanted, Mapping) and isinstance(seen, Mapping):
        return wanted.keys() == seen.keys() and all(same(value, seen[key]) for key, value in wanted.items())
    if isinstance(wanted, list | tuple) and isinstance(seen, list | tuple):
        return len(wanted) == len(seen) and all(map(same, wanted, seen))
    if isinstance(wanted, frozenset) and isinstance(seen, frozenset):
        return {comparable(value) for value in wanted} == {comparable(value) for value in seen}
    return bool(wanted == seen)


def comparable(value: object) -> Hashable:
    """A value that is equal to that of another one exactly when `same` says so of the two."""
    if isinstance(value, bool):
        return "bool", value
    if isinstance(value, NUMBERS):
        return "number", Decimal(str(value))
    if isinstance(value, Mapping):
        return "mapping", frozenset((key, comparable(inner)) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return "list", tuple(comparable(inner) for inner in value)
    if isinstance(value, set | frozenset):
        return "set", frozenset(comparable(inner) for inner in value)
    if isinstance(value, Hashable):
        return "other", value
    return "other", repr(value)


def pretty(value: object) -> str:
    """The value as JSON of several lines with sorted keys."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=plain)


def compact(value: object) -> str:
    """The value as JSON of one line, as AWS writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=plain)


def plain(value: object) -> object:
    """A value that JSON does not have as one that it has: DynamoDB's numbers and sets, mappings, bytes.

    Bytes become base64, as DynamoDB's own JSON has them.
    """
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=_order)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return float(value) if isinstance(value, Decimal) else str(value)


def _order(value: object) -> tuple[bool, object, str]:
    return (True, value, "") if isinstance(value, NUMBERS) else (False, 0, str(value))


def pretty_text(text: str) -> str:
    """A text laid out as `pretty` does if it is a JSON object or list, else as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return pretty(value) if isinstance(value, dict | list) else text


def message_of(cause: str) -> str:
    """The message in an error's cause: a failed function's is JSON with `errorMessage`, others are texts."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, LookupError, TypeError):
        return cause
