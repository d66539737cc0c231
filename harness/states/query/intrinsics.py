"""The intrinsic functions of JSONPath states, `States.Format` and the others: parsed once, called often.

Source of the rules: the States Language's appendix on intrinsic functions; roundings and text forms are those
of AWS's recordings (Java's `Math.round` and `Map.toString`).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from ..errors import INTRINSIC_FAILURE, QueryError
from ..payload import Value, to_text
from ..randomness import Randomness

_MAX_TEXT: Final = 10_000  # characters of Base64Encode, Base64Decode and Hash (AWS's documentation)
_MAX_RANGE: Final = 1_000  # elements of ArrayRange (AWS's documentation)
_ALGORITHMS: Final = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


class _Unfit(Exception):
    pass


def call(name: str, arguments: Sequence[Value], randomness: Randomness) -> Value:
    """The value of an intrinsic function.

    Raises:
        QueryError: States.IntrinsicFailure, the arguments do not fit.
    """
    try:
        if name == "States.MathRandom":
            return _math_random(randomness, *arguments)
        if name == "States.UUID":
            return randomness.uuid()
        return FUNCTIONS[name](*arguments)
    except (_Unfit, TypeError, ValueError, IndexError, KeyError, RecursionError):
        shown = ", ".join(to_text(argument) for argument in arguments)
        raise QueryError(f"Invalid arguments in {name}: ({shown})", INTRINSIC_FAILURE) from None


def _check(condition: bool) -> None:
    if not condition:
        raise _Unfit


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Value) -> int:
    _check(_is_number(value))
    return math.floor(float(value) + 0.5) if isinstance(value, float) else int(value)


def java_text(value: Value, *, nested: bool = False) -> str:
    """A value as States.Format inserts it: strings bare, objects and arrays in Java's notation.

    >>> java_text({"a": [1, None]})
    '{a=[1, null]}'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(item, nested=True)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(java_text(item, nested=True) for item in value) + "]"
    return _java_number(value) if isinstance(value, float) else to_text(value)


def _java_number(value: float) -> str:
    """A number as Java's `Double.toString` has it.

    >>> _java_number(1e20), _java_number(12345678.5), _java_number(1.5)
    ('1.0E20', '1.23456785E7', '1.5')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits, _, exponent = f"{Decimal(repr(value)):E}".partition("E")
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"


def _format(template: Value, *arguments: Value) -> str:
    _check(isinstance(template, str))
    parts = re.split(r"(?<!\\)\{\}", template)
    _check(len(parts) == len(arguments) + 1)
    filled = parts[0] + "".join(java_text(arg) + part for arg, part in zip(arguments, parts[1:], strict=True))
    return re.sub(r"\\([{}'\\])", r"\1", filled)


def _string_to_json(text: Value) -> Value:
    _check(isinstance(text, str))
    return json.loads(text) if text.strip() else None


def _array_partition(array: Value, size: Value) -> Value:
    chunk = _whole(size)
    _check(isinstance(array, list) and chunk > 0)
    return [array[start : start + chunk] for start in range(0, len(array), chunk)]


def _array_contains(array: Value, value: Value) -> bool:
    _check(isinstance(array, list))
    return any(_same(item, value) for item in array)


def _same(left: Value, right: Value) -> bool:
    """Equality of JSON values: 1, 1.0 and true are three."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(item, right[key]) for key, item in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


def _array_range(first: Value, last: Value, step: Value) -> Value:
    start, end, by = _whole(first), _whole(last), _whole(step)
    _check(by != 0)
    values = range(start, end + (1 if by > 0 else -1), by)
    _check(len(values) <= _MAX_RANGE)
    return list(values)


def _array_item(array: Value, index: Value) -> Value:
    _check(isinstance(array, list) and isinstance(index, int) and index >= 0)
    return array[index]


def _array_length(array: Value) -> int:
    _check(isinstance(array, list))
    return len(array)


def _array_unique(array: Value) -> Value:
    _check(isinstance(array, list))
    unique: list[Value] = []
    for item in array:
        if not any(_same(item, kept) for kept in unique):
            unique.append(item)
    return unique


def _base64_encode(text: Value) -> str:
    _check(isinstance(text, str) and len(text) <= _MAX_TEXT)
    return base64.b64encode(text.encode()).decode()


def _base64_decode(text: Value) -> str:
    _check(isinstance(text, str) and len(text) <= _MAX_TEXT)
    try:
        return base64.b64decode(text, validate=True).decode()
    except binascii.Error:
        raise _Unfit from None


def hash_text(data: Value, algorithm: Value) -> str:
    """The hexadecimal digest of a value's text, by one of the five algorithms that AWS offers."""
    _check(algorithm in _ALGORITHMS)
    text = data if isinstance(data, str) else to_text(data)
    _check(len(text) <= _MAX_TEXT)
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which few machines need

    return hashlib.new(_ALGORITHMS[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _json_merge(first: Value, second: Value, deep: Value) -> Value:
    _check(isinstance(first, dict) and isinstance(second, dict) and deep is False)
    return {**first, **second}


def _math_random(randomness: Randomness, start: Value, end: Value, seed: Value = None) -> int:
    low, high = _whole(start), _whole(end)
    _check(low < high)
    return randomness.integer(low, high, None if seed is None else _whole(seed))


def _math_add(left: Value, right: Value) -> int:
    return _whole(left) + _whole(right)


def _string_split(text: Value, separators: Value) -> Value:
    _check(isinstance(text, str) and isinstance(separators, str))
    if not separators:
        return [text]
    return [part for part in re.split(f"[{re.escape(separators)}]", text) if part]


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "States.Format": _format,
    "States.StringToJson": _string_to_json,
    "States.JsonToString": to_text,
    "States.Array": lambda *items: list(items),
    "States.ArrayPartition": _array_partition,
    "States.ArrayContains": _array_contains,
    "States.ArrayRange": _array_range,
    "States.ArrayGetItem": _array_item,
    "States.ArrayLength": _array_length,
    "States.ArrayUnique": _array_unique,
    "States.Base64Encode": _base64_encode,
    "States.Base64Decode": _base64_decode,
    "States.Hash": hash_text,
    "States.JsonMerge": _json_merge,
    "States.MathRandom": _math_random,
    "States.MathAdd": _math_add,
    "States.StringSplit": _string_split,
    "States.UUID": lambda: None,
}
