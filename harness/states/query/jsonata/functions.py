"""The functions that AWS adds to JSONata, or implements differently.

Numbers are truncated to whole numbers. If an argument is missing, the result is undefined. Source:
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable
from typing import Final, TypeAlias

from harness.json_types import Json, is_number

from ...payload import read_json
from ...randomness import Randomness
from ..intrinsics import hash_text

HostFunction: TypeAlias = Callable[..., object]

DISTINCT: Final = "distinct"
NULL: Final = math.nan
"""Represents JSON null, because None represents JSONata's undefined. NaN does not occur in JSON, so it cannot
be mistaken for a value.
"""

_MAX_RANGE: Final = 360_145  # maximum number of values in a $range on AWS, measured by third parties
MEMORY_LIMIT: Final = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
_KINDS: Final[dict[str, Callable[[object], bool]]] = {
    "a": lambda value: isinstance(value, list),
    "n": is_number,
    "s": lambda value: isinstance(value, str),
    "x": lambda value: not callable(value),
}


class FunctionFailed(Exception):
    """A call failed. `code` is JSONata's code, or None for errors that only AWS raises."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def _checked(name: str, kinds: str, function: HostFunction) -> HostFunction:
    """Check the arguments like JSONata. `kinds` has one letter for each possible argument."""

    def call(*arguments: object) -> object:
        for at, value in enumerate(arguments):
            if at >= len(kinds) or not (value is None or _KINDS[kinds[at]](value)):
                raise _mismatch(name, at + 1)
        return function(*arguments)

    return call


def _mismatch(name: str, argument: int) -> FunctionFailed:
    reason = f'Argument {argument} of function "{name}" does not match function signature'
    return FunctionFailed(reason, "T0410")


def _partition(array: list[Json] | None = None, size: float | None = None) -> object:
    chunk = 0 if size is None else math.trunc(size)
    if array is None or not array or not chunk:
        return None
    if chunk < 0:
        raise _mismatch("partition", 2)
    return [array[start : start + chunk] for start in range(0, len(array), chunk)]


def _range(start: float | None = None, end: float | None = None, step: float | None = None) -> object:
    if start is None or end is None or step is None:
        return None
    first, last, by = (math.trunc(number) for number in (start, end, step))
    values = range(first, last + (1 if by > 0 else -1), by) if by else range(0)
    if len(values) > _MAX_RANGE:
        raise FunctionFailed(MEMORY_LIMIT)
    # As everywhere in JSONata, a sequence with one item is that item.
    return values[0] if len(values) == 1 else list(values) or None


def _hash(data: Json = None, algorithm: str | None = None) -> str | None:
    if data is None or algorithm is None:
        return None
    try:
        return hash_text(data, algorithm)
    except Exception:
        raise _mismatch("hash", 2) from None


def _parse(text: str | None = None) -> object:
    if text is None:
        return None
    try:
        value = read_json(text)
    except ValueError as error:
        raise FunctionFailed(f"Unable to parse the text as JSON: {error}") from None
    return NULL if value is None else value


def _decode(text: str | None = None) -> str | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        raise FunctionFailed(f'The text is not Base64: "{text}"') from None


_FIXED: Final = {
    "partition": _checked("partition", "an", _partition),
    "range": _checked("range", "nnn", _range),
    "hash": _checked("hash", "xs", _hash),
    "parse": _checked("parse", "s", _parse),
    "base64decode": _checked("base64decode", "s", _decode),
}
NAMES: Final = frozenset((*_FIXED, "random", "uuid"))


def _distinct(array: Json = None) -> Json:
    if not isinstance(array, list):
        return array
    found: dict[object, Json] = {}
    for value in array:
        found.setdefault(_identity(value), value)
    return list(found.values())


distinct: Final = _checked(DISTINCT, "x", _distinct)
"""JSONata's `$distinct`, for arrays of any size."""


def _identity(value: Json) -> object:
    """Return a key that is the same only for equal values."""
    if isinstance(value, dict | list):
        return "json", json.dumps(value, sort_keys=True)
    return (value,) if isinstance(value, bool) else value


class Chance:
    """The random functions. `again` restarts their sequence.

    An evaluation that is restarted must get the same values as before.
    """

    def __init__(self, randomness: Randomness) -> None:
        self._randomness: Final = randomness
        self._fractions: list[float] = []
        self._uuids: list[str] = []
        self.again()

    def again(self) -> None:
        """Restart from the first value."""
        self._fraction, self._uuid = 0, 0

    def random(self, seed: float | None = None) -> float:
        """Return `$random()` or `$random(seed)`."""
        if seed is not None:
            return self._randomness.fraction(math.trunc(seed))
        if self._fraction == len(self._fractions):
            self._fractions.append(self._randomness.fraction())
        self._fraction += 1
        return self._fractions[self._fraction - 1]

    def uuid(self) -> str:
        """Return `$uuid()`."""
        if self._uuid == len(self._uuids):
            self._uuids.append(self._randomness.uuid())
        self._uuid += 1
        return self._uuids[self._uuid - 1]


def host_functions(chance: Chance) -> dict[str, HostFunction]:
    """Return the functions by name. The random functions use `chance`."""
    return {
        **_FIXED,
        "random": _checked("random", "n", chance.random),
        "uuid": _checked("uuid", "", chance.uuid),
    }
