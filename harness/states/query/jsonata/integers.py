"""Whole numbers between 2^53 and 2^63, such as 19-digit IDs.

Like jsonata-js, the library has only doubles. AWS preserves whole numbers in the data exactly, up to 2^63 - 1
(measured by third parties on `$parse`). This module restores digits that were lost to rounding, where they
are unambiguous.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from harness.json_types import Json

from ...payload import to_text

_DIGITS: Final = re.compile(r"(?<![\d.])\d{16,19}(?![\d.eE])")
_EXACT: Final = 1 << 53
_LARGEST: Final = (1 << 63) - 1


def with_exact_integers(result: str, data: Iterable[Json]) -> str:
    """Return a result in which each double is replaced by the whole number that it represents.

    Several numbers can round to the same double. They are restored in order if the result contains all of
    them.

    Args:
        result: a value as JSON.
        data: all values that the expression has read.
    """
    rounded = Counter(_DIGITS.findall(result))
    if not any(int(digits) >= _EXACT for digits in rounded):
        return result
    exact: dict[str, list[str]] = {}
    for value in data:
        for digits in _DIGITS.findall(to_text(value)):
            if _EXACT < int(digits) <= _LARGEST:
                exact.setdefault(f"{Decimal(repr(float(digits))).to_integral_value():f}", []).append(digits)
    following = {
        text: iter(found)
        for text, found in exact.items()
        if len(set(found)) > 1 and len(found) == rounded[text]
    }

    def restored(match: re.Match[str]) -> str:
        text = match[0]
        found = exact.get(text, [])
        if len(set(found)) == 1:
            return found[0]
        return next(following[text]) if text in following else text

    return _DIGITS.sub(restored, result)


def selected(value: Json, read: object) -> Json:
    """Return the part of a value that an expression reads: `{"a": True}` for field `a`, True for the whole
    value.
    """
    if isinstance(value, list):
        return [selected(item, read) for item in value]
    if isinstance(value, dict) and isinstance(read, Mapping):
        return {name: selected(value[name], inner) for name, inner in read.items() if name in value}
    return value
