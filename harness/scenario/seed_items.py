"""Table items in a scenario's `seed` section: plain values, or DynamoDB JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from harness.json_types import Json
from harness.quotas import DYNAMODB_ITEM_BYTES, DYNAMODB_NUMBER_DIGITS
from harness.scenario.base import Model
from harness.scenario.plain import key_of_table
from harness.scenario.position import RefusedError
from harness.scenario.source import KeyPath

Attribute = Mapping[str, Any]
"""A value in DynamoDB API format: `{"S": "text"}`, `{"N": "1.5"}`."""

_TYPES: Final = {
    "S": "text",
    "N": "a number as text",
    "B": "base64",
    "SS": "a list of strings",
    "NS": "a list of numbers as strings",
    "BS": "a list of base64",
    "M": "a mapping of typed values",
    "L": "a list of typed values",
    "BOOL": "true or false",
    "NULL": "true",
}
"""DynamoDB JSON types, each with a description of its value.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


class TableSpec(Model):
    """Items that exist in a table before the run."""

    items: tuple[Mapping[str, object], ...] = Field(
        default=(),
        description="The items, as plain values or as DynamoDB JSON (`{pk: {S: a}}`). Write a set as `!!set "
        "[a, b]`, and a binary value as `!!binary` with base64.",
    )
    key: Annotated[Mapping[str, Literal["S", "N", "B"]], AfterValidator(key_of_table)] | None = Field(
        default=None,
        description="For tables outside the template: the key attributes with their types. The table is "
        "created under its name before the deployment.",
    )

    short_schema: ClassVar[Mapping[str, object] | None] = {"type": "array", "items": {"type": "object"}}
    wants: ClassVar[str] = "a list of items, or a mapping with items and key"
    may_be_empty: ClassVar[bool] = False

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare list into `{"items": items}`."""
        return {"items": value} if isinstance(value, list) else value

    @property
    def attributes(self) -> Iterator[Mapping[str, Attribute]]:
        """Yield each item in DynamoDB API format."""
        return map(attributes_of, self.items)


def attributes_of(item: Mapping[str, object]) -> Mapping[str, Attribute]:
    """Return an item in DynamoDB API format. Raises RefusedError for an invalid value."""
    if is_typed(item):
        return {name: _with_bytes(value) for name, value in item.items() if isinstance(value, Mapping)}
    return {name: attribute_of(value) for name, value in item.items()}


def is_typed(item: Mapping[str, object]) -> bool:
    """Return whether an item is in DynamoDB JSON.

    A key attribute is never a mapping. Therefore, an item whose values are all typed values is not plain.
    """
    return bool(item) and all(
        isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _TYPES
        for value in item.values()
    )


def attribute_of(value: object) -> Attribute:
    """Return a plain value in DynamoDB API format. Raises RefusedError for an invalid value."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {"N": number(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, Mapping):
        return {"M": {str(name): attribute_of(inner) for name, inner in value.items()}}
    if isinstance(value, frozenset | set):
        return _set(value)
    if isinstance(value, Sequence):
        return {"L": [attribute_of(inner) for inner in value]}
    raise RefusedError(
        f"{value!r} is not a valid DynamoDB value", "write text, a number, a list or a mapping"
    )


def number(value: float | Decimal | str) -> str:
    """Return a number in DynamoDB API format. Raises RefusedError if it has too many digits."""
    text = str(value)
    try:
        digits = len(Decimal(text).normalize().as_tuple().digits)
    except InvalidOperation:
        digits = 0
    if not _NUMBER.fullmatch(text) or digits > DYNAMODB_NUMBER_DIGITS:
        raise RefusedError(
            f"{text} is not a valid DynamoDB number", f"use at most {DYNAMODB_NUMBER_DIGITS} digits"
        )
    return text


def wrong_in(item: Mapping[str, object], at: KeyPath) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield each invalid value in an item: its location, a message and a remedy."""
    typed = is_typed(item)
    for name, value in item.items():
        try:
            if typed and isinstance(value, Mapping):
                _check_typed(value)
            else:
                attribute_of(value)
                _check_plain(value)
        except RefusedError as refused:
            yield (*at, name), refused.message, refused.remedy
        if name == "":
            yield at, "an attribute has no name", "add a name"
    if (size := size_of(item)) > DYNAMODB_ITEM_BYTES:
        yield at, f"the item has {size:,} bytes", f"the DynamoDB limit is {DYNAMODB_ITEM_BYTES:,}"


def size_of(value: object) -> int:
    """Return the minimum size of a value in bytes: the bytes in its strings and names.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(size_of(name) + size_of(inner) for name, inner in value.items())
    if isinstance(value, list | tuple | frozenset | set):
        return sum(map(size_of, value))
    return 1


def _set(value: frozenset[Any] | set[Any]) -> Attribute:
    ordered = sorted(value, key=str)
    if ordered and all(isinstance(each, str) for each in ordered):
        return {"SS": ordered}
    if ordered and all(isinstance(each, bytes) for each in ordered):
        return {"BS": ordered}
    if ordered and all(isinstance(each, int | float) and not isinstance(each, bool) for each in ordered):
        return {"NS": [number(each) for each in ordered]}
    raise RefusedError(
        "a DynamoDB set must have at least one element, and only strings, only numbers or only binary values",
        "write !!set [a, b], or a list",
    )


def _check_typed(value: Mapping[str, object]) -> None:
    """Check a DynamoDB JSON value. Raises RefusedError."""
    if len(value) != 1 or (kind := next(iter(value))) not in _TYPES:
        raise RefusedError(
            f"{', '.join(value) or 'nothing'} is not a DynamoDB type", f"use one of {', '.join(_TYPES)}"
        )
    inner = value[kind]
    if not _fits(kind, inner):
        raise RefusedError(f"DynamoDB JSON requires {_TYPES[kind]} under {kind}", "correct it")
    if kind in ("N", "NS"):
        for each in inner if isinstance(inner, list) else [inner]:
            number(str(each))
    for nested in _inside(inner):
        _check_typed(nested)


def _check_plain(value: object) -> None:
    """Reject an item that mixes DynamoDB JSON and plain values. Typed values would be stored as mappings."""
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _TYPES:
        try:
            _check_typed(value)
        except RefusedError:
            return
        raise RefusedError(
            "the item mixes plain values and DynamoDB JSON", "write all of its values in the same form"
        )


def _fits(kind: str, inner: object) -> bool:
    """Return whether a value is allowed for a DynamoDB JSON type."""
    fits = {
        "S": isinstance(inner, str),
        "N": isinstance(inner, str),
        "B": _is_base64(inner),
        "SS": isinstance(inner, list) and bool(inner) and all(isinstance(each, str) for each in inner),
        "NS": isinstance(inner, list) and bool(inner) and all(isinstance(each, str) for each in inner),
        "BS": isinstance(inner, list) and bool(inner) and all(map(_is_base64, inner)),
        "M": isinstance(inner, Mapping) and all(isinstance(each, Mapping) for each in inner.values()),
        "L": isinstance(inner, list) and all(isinstance(each, Mapping) for each in inner),
        "BOOL": isinstance(inner, bool),
        "NULL": inner is True,
    }
    return fits[kind]


def _is_base64(value: object) -> bool:
    from base64 import b64decode  # noqa: PLC0415  (start-up)

    if isinstance(value, str):
        try:
            b64decode(value, validate=True)
        except ValueError:
            return False
    return isinstance(value, str | bytes)


def _inside(value: object) -> Iterator[Mapping[str, object]]:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    yield from (each for each in inner if isinstance(each, Mapping))


def _with_bytes(value: Mapping[str, Any]) -> Attribute:
    """Return a DynamoDB JSON value with bytes instead of base64, for boto3."""
    from base64 import b64decode  # noqa: PLC0415  (start-up)

    ((kind, inner),) = value.items()
    if kind == "B":
        return {"B": b64decode(inner) if isinstance(inner, str) else inner}
    if kind == "BS":
        return {"BS": [b64decode(each) if isinstance(each, str) else each for each in inner]}
    if kind == "M":
        return {"M": {name: _with_bytes(each) for name, each in inner.items()}}
    return {"L": [_with_bytes(each) for each in inner]} if kind == "L" else dict(value)
