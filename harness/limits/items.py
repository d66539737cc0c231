"""The sizes of DynamoDB items and keys.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from harness.limits.table import Measure, measure, utf8

TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})
OF_CONTAINER, OF_ELEMENT = 3, 1
_DIGITS = re.compile(r"[-+]?0*(\d*)\.?(\d*)")


class Sized:
    """A value in a recorded call. The sizes of truncated values are stored by path."""

    def __init__(self, value: Any, path: str = "", sizes: Mapping[str, int] | None = None) -> None:
        self.value = value
        self.path = path
        self._sizes = sizes or {}

    def at(self, key: str | int) -> Sized:
        """Return a member of this value, or None if it has no such member. Accept any input."""
        path = f"{self.path}.{key}" if self.path else str(key)
        if isinstance(self.value, Mapping):
            return Sized(self.value.get(key), path, self._sizes)
        is_there = isinstance(self.value, list | tuple) and isinstance(key, int) and key < len(self.value)
        return Sized(self.value[key] if is_there else None, path, self._sizes)

    def __iter__(self) -> Iterator[Sized]:
        """Yield the recorded elements of a list."""
        if isinstance(self.value, list | tuple):
            kept = [n for n, item in enumerate(self.value) if not (self.is_cut and isinstance(item, str))]
            yield from (self.at(number) for number in kept)

    @property
    def items(self) -> Iterator[tuple[str, Sized]]:
        """Yield the members of a mapping."""
        if isinstance(self.value, Mapping):
            yield from ((str(key), self.at(key)) for key in self.value)

    @property
    def length(self) -> int:
        """Return the number of elements in a list, or of bytes in a string or binary value. Default: 0."""
        if self.path in self._sizes:
            return self._sizes[self.path]
        if isinstance(self.value, str):
            return utf8(self.value)
        return len(self.value) if isinstance(self.value, list | tuple | bytes | bytearray | Mapping) else 0

    @property
    def is_cut(self) -> bool:
        """Return whether only the beginning of the value was recorded."""
        return self.path in self._sizes

    @property
    def has_cuts(self) -> bool:
        """Return whether the value or any part of it was truncated."""
        return any(path == self.path or path.startswith(f"{self.path}.") for path in self._sizes)

    @property
    def typed(self) -> tuple[str, Sized] | None:
        """Return the type and the value in `{"S": "photos"}`, or None for values from boto3 resources."""
        if isinstance(self.value, Mapping) and len(self.value) == 1 and set(self.value) <= TYPES:
            kind = next(iter(self.value))
            return kind, self.at(kind)
        return None


def item_measures(item: Sized, subject: str) -> Iterator[Measure]:
    """Yield the size of an item, and the number of digits in its numbers."""
    yield measure("dynamodb-item", subject, sum(utf8(name) + size_of(value) for name, value in item.items))
    for digits in _numbers(item):
        yield measure("dynamodb-number", subject, digits)


def key_measures(item: Sized, key: tuple[str, ...], subject: str) -> Iterator[Measure]:
    """Yield the lengths of an item's key values, none of which may be empty."""
    for name, limit in zip(key, ("dynamodb-partition-key", "dynamodb-sort-key"), strict=False):
        if isinstance(item.value, Mapping) and name in item.value:
            value = item.at(name)
            _, value = value.typed or ("", value)
            if isinstance(value.value, str):
                yield measure(limit, subject, value.length)
                yield measure("dynamodb-empty-key", subject, int(value.length == 0))


def size_of(value: Sized) -> int:
    """Return the number of bytes in an attribute's value."""
    if (typed := value.typed) is not None:
        kind, inner = typed
        return _of_number(str(inner.value)) if kind == "N" else size_of(inner)
    raw = value.value
    if isinstance(raw, bool) or raw is None:
        return 1
    if isinstance(raw, int | float | Decimal):
        return _of_number(str(raw))
    if isinstance(raw, str | bytes | bytearray):
        return value.length
    if isinstance(raw, Mapping):
        return OF_CONTAINER + sum(OF_ELEMENT + utf8(name) + size_of(of) for name, of in value.items)
    elements = list(value)
    return OF_CONTAINER + sum(OF_ELEMENT + size_of(element) for element in elements)


def _of_number(text: str) -> int:
    """Return the size of a number: about one byte per two significant digits, plus one byte."""
    return (digits_of(text) + 1) // 2 + 1


def digits_of(text: str) -> int:
    """Return the number of significant digits: 2 for 1.20e5. Trailing zeros after a point do not count."""
    found = _DIGITS.match(text.strip())
    if found is None:
        return 0
    whole, fraction = found[1], found[2].rstrip("0")
    digits = (whole + fraction) if whole else fraction.lstrip("0")
    return len(digits.rstrip("0") if not fraction else digits)


def _numbers(value: Sized) -> Iterator[int]:
    if (typed := value.typed) is not None and typed[0] == "N":
        yield digits_of(str(typed[1].value))
    elif isinstance(value.value, Mapping):
        for _, of in value.items:
            yield from _numbers(of)
    else:
        for element in value:
            yield from _numbers(element)
