"""The intrinsic functions of JSONPath states, such as `States.Format`.

Source of the rules: the appendix on intrinsic functions in the States Language specification. Rounding and
text formats are as recorded on AWS (Java's `Math.round` and `Map.toString`).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from harness.json_types import Json, JsonObject, is_number

from ..errors import INTRINSIC_FAILURE, QueryError
from ..payload import read_json, to_text
from ..randomness import Randomness
from .escapes import split_at

_MAX_TEXT: Final = 10_000  # characters in Base64Encode, Base64Decode and Hash (AWS's documentation)
_MAX_RANGE: Final = 1_000  # elements in ArrayRange (AWS's documentation)
_FORMAT: Final = re.compile(r"\\[{}'\\]|\{\}|[^\\{]+|.", re.DOTALL)  # an escape, a placeholder, text
_ALGORITHMS: Final = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


class _Unfit(Exception):
    pass


def call(name: str, arguments: Sequence[Json], randomness: Randomness) -> Json:
    """Call an intrinsic function.

    Raises:
        QueryError: States.IntrinsicFailure: the arguments are invalid.
    """
    try:
        if name == "States.MathRandom":
            return _math_random(randomness, *arguments)
        if name == "States.UUID":
            return randomness.uuid()
        return FUNCTIONS[name](*arguments)
    except (_Unfit, TypeError, ValueError, IndexError, KeyError, OverflowError, RecursionError):
        shown = ", ".join(to_text(argument) for argument in arguments)
        raise QueryError(f"Invalid arguments in {name}: ({shown})", INTRINSIC_FAILURE) from None


def _check(condition: bool) -> None:
    if not condition:
        raise _Unfit


def _whole(value: Json) -> int:
    if not is_number(value):
        raise _Unfit
    return math.floor(value + 0.5) if isinstance(value, float) else value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise _Unfit
    return value


def _short_text(value: Json) -> str:
    text = _text(value)
    _check(len(text) <= _MAX_TEXT)
    return text


def _array(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise _Unfit
    return value


def _object(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise _Unfit
    return value


def java_text(value: Json, *, nested: bool = False) -> str:
    """Format a value like States.Format: strings without quotes, objects and arrays in Java's notation.

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
    """Format a number like Java's `Double.toString`.

    >>> _java_number(1e20), _java_number(12345678.5), _java_number(1.5)
    ('1.0E20', '1.23456785E7', '1.5')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    digits, _, exponent = f"{Decimal(repr(value)):E}".partition("E")
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"


def _format(template: Json, *arguments: Json) -> str:
    parts = split_at("{}", _FORMAT, _text(template))
    _check(len(parts) == len(arguments) + 1)
    return parts[0] + "".join(java_text(arg) + part for arg, part in zip(arguments, parts[1:], strict=True))


def _string_to_json(value: Json) -> Json:
    text = _text(value)
    return read_json(text) if text.strip() else None


def _array_partition(array: Json, size: Json) -> Json:
    items, chunk = _array(array), _whole(size)
    _check(chunk > 0)
    return [items[start : start + chunk] for start in range(0, len(items), chunk)]


def _array_contains(array: Json, value: Json) -> bool:
    return any(_same(item, value) for item in _array(array))


def _same(left: Json, right: Json) -> bool:
    """Compare two JSON values. 1 and 1.0 are equal, and both differ from true."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(item, right[key]) for key, item in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


def _array_range(first: Json, last: Json, step: Json) -> Json:
    start, end, by = _whole(first), _whole(last), _whole(step)
    _check(by != 0)
    values = range(start, end + (1 if by > 0 else -1), by)
    _check(len(values) <= _MAX_RANGE)
    return list(values)


def _array_item(array: Json, index: Json) -> Json:
    if not isinstance(index, int) or index < 0:
        raise _Unfit
    return _array(array)[index]


def _array_length(array: Json) -> int:
    return len(_array(array))


def _array_unique(array: Json) -> Json:
    unique: dict[str, Json] = {}
    for item in _array(array):
        unique.setdefault(json.dumps(item, sort_keys=True), item)
    return list(unique.values())


def _base64_encode(text: Json) -> str:
    return base64.b64encode(_short_text(text).encode()).decode()


def _base64_decode(text: Json) -> str:
    try:
        return base64.b64decode(_short_text(text), validate=True).decode()
    except binascii.Error:
        raise _Unfit from None


def hash_text(data: Json, algorithm: Json) -> str:
    """Return the hexadecimal digest of a value's text, using one of the five algorithms that AWS supports."""
    name = _text(algorithm)
    _check(name in _ALGORITHMS)
    text = _short_text(data if isinstance(data, str) else to_text(data))
    import hashlib  # noqa: PLC0415 - loads OpenSSL, which few machines need

    return hashlib.new(_ALGORITHMS[name], text.encode(), usedforsecurity=False).hexdigest()


def _json_merge(first: Json, second: Json, deep: Json) -> Json:
    _check(deep is False)
    return {**_object(first), **_object(second)}


def _math_random(randomness: Randomness, start: Json, end: Json, seed: Json = None) -> int:
    low, high = _whole(start), _whole(end)
    _check(low < high)
    return randomness.integer(low, high, None if seed is None else _whole(seed))


def _math_add(left: Json, right: Json) -> int:
    return _whole(left) + _whole(right)


def _string_split(value: Json, separators: Json) -> Json:
    text, characters = _text(value), _text(separators)
    if not characters:
        return [text]
    return [part for part in re.split(f"[{re.escape(characters)}]", text) if part]


FUNCTIONS: Final[dict[str, Callable[..., Json]]] = {
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
