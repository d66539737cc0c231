"""JSON-like values, compared by value and formatted for a diff."""

from __future__ import annotations

import base64
import json
from collections.abc import Hashable, Mapping
from decimal import Decimal

NUMBERS = int | float | Decimal


def same(wanted: object, seen: object) -> bool:
    """Return whether two values are equal. Numbers are compared by value (1, 1.0, Decimal(1)), but true is
    not 1.
    """
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
    """Return a hashable key. Two values have equal keys if and only if `same` is true for them."""
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
    """Return the value as multi-line JSON with sorted keys."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=plain)


def compact(value: object) -> str:
    """Return the value as single-line JSON, in AWS's format."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=plain)


def plain(value: object) -> object:
    """Convert a value that JSON does not support into one that it does: DynamoDB numbers and sets, mappings,
    bytes.

    Bytes become base64, as in DynamoDB JSON.
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
    """Return a string formatted by `pretty` if it is a JSON object or list; otherwise return it unchanged."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return pretty(value) if isinstance(value, dict | list) else text


def message_of(cause: str) -> str:
    """Return the message in an error's cause. For a function, the cause is JSON with `errorMessage`; other
    causes are plain text.
    """
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, LookupError, TypeError):
        return cause
