"""Attribute values: validation, DynamoDB's number format, and sizes.

A value has the API's format, `{"S": "photos"}`. Never change a value in place, because items share
values.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Final, NamedTuple, TypeAlias

from harness.quotas import DYNAMODB_ITEM_BYTES, DYNAMODB_NUMBER_DIGITS

from .errors import Refused, invalid, wrong_json, wrong_values

Value: TypeAlias = dict[str, Any]
"""An attribute value: one type and its content."""

Item: TypeAlias = dict[str, Value]
"""The attributes of an item, by name."""


class Kept(NamedTuple):
    """An item and its size in bytes."""

    item: Item
    size: int


Comparable: TypeAlias = str | bytes | Decimal

NAMES: Final = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
    "M": "MAP",
    "L": "LIST",
    "NULL": "NULL",
    "BOOL": "BOOLEAN",
}
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
DEEPEST: Final = 32
LARGEST_ITEM: Final = DYNAMODB_ITEM_BYTES
MOST_DIGITS: Final = DYNAMODB_NUMBER_DIGITS
_CONTAINER, _ELEMENT = 3, 1  # overhead in bytes, which counts toward the item size

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,36}[1-9]|-?[1-9]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_EXACT = Context(prec=500)
_PAST: Final = Decimal("1E126")
_LEAST: Final = Decimal("1E-130")


def checked(value: object, depth: int = 0) -> tuple[Value, int]:
    """Return a value as DynamoDB stores it, and its size in bytes.

    Raises:
        Refused: ValidationException, or SerializationException for JSON of the wrong type.
    """
    if not isinstance(value, dict):
        raise wrong_json("map", value)
    if len(value) != 1:
        known = [kind for kind in value if kind in _CHECKS and value[kind] is not None]
        if len(known) != 1:
            raise invalid(_SEVERAL if known else _NONE)
        value = {known[0]: value[known[0]]}
    ((kind, inner),) = value.items()
    if kind == "S" and type(inner) is str:
        return value, len(inner) if inner.isascii() else len(inner.encode())
    check = _CHECKS.get(kind)
    if check is None or inner is None:
        raise invalid(_NONE)
    if depth > DEEPEST:
        raise invalid("Nesting Levels have exceeded supported limits")
    kept, size = check(inner, depth)
    return {kind: kept}, size


_NONE = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
_SEVERAL = (
    "Supplied AttributeValue has more than one datatypes set, "
    "must contain exactly one of the supported datatypes"
)


def checked_item(item: object) -> Kept:
    """Return an item's attributes as DynamoDB stores them, and its size."""
    if not isinstance(item, dict):
        raise wrong_json("map", item)
    kept: Item = {}
    total = 0
    for name, value in item.items():
        kept[name], size = checked(value)
        total += size + (len(name) if name.isascii() else len(name.encode()))
    return Kept(kept, total)


def size_of(kept: Kept | None) -> int:
    """Return the size of an item in bytes, or 0 for None."""
    return 0 if kept is None else kept.size


def number(text: object) -> str:
    """Return a number in DynamoDB's format, without an exponent or superfluous zeros."""
    if type(text) is not str:
        raise wrong_json("string", text)
    if _WHOLE.fullmatch(text):
        return text
    if not _NUMBER.fullmatch(text):
        told = f": {text}" if text else ""
        raise invalid(f"The parameter cannot be converted to a numeric value{told}")
    try:
        found = _EXACT.create_decimal(text)
    except InvalidOperation:
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}") from None
    return written(found)


def written(found: Decimal) -> str:
    """Return a number as a string. Rejects numbers that DynamoDB cannot store."""
    if found.is_zero():
        return "0"
    digits = found.as_tuple().digits
    significant = len("".join(map(str, digits)).strip("0"))
    if found.copy_abs() >= _PAST or not found.is_finite():
        raise invalid(
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        )
    if found.copy_abs() < _LEAST:
        raise invalid(
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        )
    if significant > MOST_DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    text = format(found, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_size(text: str) -> int:
    """Return the size of a number: about one byte per two significant digits, plus one byte."""
    digits = text.lstrip("-0.").replace(".", "").rstrip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def comparable(value: Value) -> Comparable:
    """Return the sort key for a value of type S, N or B."""
    ((kind, inner),) = value.items()
    if kind == "S":
        return str(inner)
    return Decimal(inner) if kind == "N" else base64.b64decode(inner)


def kind_of(value: Value) -> str:
    """Return the type of a value, such as `S`."""
    return next(iter(value))


def shown(value: Value) -> str:
    """Return a value as shown in errors: `{S:photos}`."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return "{M:{" + ", ".join(f"{name}={shown(each)}" for name, each in inner.items()) + "}}"
    if kind == "L":
        return "{L:[" + ", ".join(map(shown, inner)) + "]}"
    if kind in ("SS", "NS", "BS"):
        return f"{{{kind}:[{', '.join(inner)}]}}"
    return f"{{{kind}:{str(inner).lower() if isinstance(inner, bool) else inner}}}"


def equal(one: Value, other: Value) -> bool:
    """Return whether two values are equal, ignoring the order of sets."""
    if one == other:
        return True
    kind = kind_of(one)
    if kind != kind_of(other):
        return False
    if kind in ("SS", "NS", "BS"):
        return set(one[kind]) == set(other[kind])
    if kind == "L":
        return len(one[kind]) == len(other[kind]) and all(map(equal, one[kind], other[kind]))
    if kind == "M":
        return one[kind].keys() == other[kind].keys() and all(
            equal(each, other[kind][name]) for name, each in one[kind].items()
        )
    return False


def _of_string(text: object, _: int) -> tuple[str, int]:
    if type(text) is not str:
        raise wrong_json("string", text)
    return text, len(text) if text.isascii() else len(text.encode())


def _of_number(text: object, _: int) -> tuple[str, int]:
    kept = number(text)
    return kept, number_size(kept)


def _of_binary(text: object, _: int) -> tuple[str, int]:
    if type(text) is not str:
        raise wrong_json("blob", text)
    try:
        return text, len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise Refused(
            "SerializationException", "Base64 encoded length is expected a multiple of 4 bytes"
        ) from None


def _of_null(given: object, _: int) -> tuple[bool, int]:
    if type(given) is not bool:
        raise wrong_json("boolean", given)
    if not given:
        raise wrong_values("Null attribute value types must have the value of true")
    return True, 1


def _of_boolean(given: object, _: int) -> tuple[bool, int]:
    if type(given) is not bool:
        raise wrong_json("boolean", given)
    return given, 1


def _of_map(given: object, depth: int) -> tuple[Item, int]:
    if not isinstance(given, dict):
        raise wrong_json("map", given)
    kept: Item = {}
    total = _CONTAINER
    for name, value in given.items():
        kept[name], size = checked(value, depth + 1)
        total += size + _ELEMENT + len(name.encode())
    return kept, total


def _of_list(given: object, depth: int) -> tuple[list[Value], int]:
    if not isinstance(given, list):
        raise wrong_json("list", given)
    found = [checked(value, depth + 1) for value in given]
    return [value for value, _ in found], _CONTAINER + sum(size + _ELEMENT for _, size in found)


def _set_of(
    kind: str, one: Callable[[object, int], tuple[str, int]], empty: str
) -> Callable[[object, int], tuple[list[str], int]]:
    def check(given: object, depth: int) -> tuple[list[str], int]:
        if not isinstance(given, list):
            raise wrong_json("list", given)
        if not given:
            raise wrong_values(empty)
        found = [one(each, depth) for each in given]
        kept = [each for each, _ in found]
        if len(set(kept)) < len(kept):
            listed = f"[{', '.join(given)}]" + ("of type BS" if kind == "BS" else "")
            told = "Input collection" if kind == "NS" else f"Input collection {listed}"
            raise wrong_values(f"{told} contains duplicates" + ("" if kind == "NS" else "."))
        return kept, sum(size for _, size in found)

    return check


_CHECKS: Final[Mapping[str, Callable[[object, int], tuple[Any, int]]]] = {
    "S": _of_string,
    "N": _of_number,
    "B": _of_binary,
    "SS": _set_of("SS", _of_string, "An string set  may not be empty"),
    "NS": _set_of("NS", _of_number, "An number set  may not be empty"),
    "BS": _set_of("BS", _of_binary, "Binary sets should not be empty"),
    "M": _of_map,
    "L": _of_list,
    "NULL": _of_null,
    "BOOL": _of_boolean,
}
