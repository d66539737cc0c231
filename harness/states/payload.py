"""JSON as it travels between states: the value and, once asked for, its text.

Values are shared between states and must never be changed in place.
"""

from __future__ import annotations

import json
from typing import Final

from harness.bounds import is_deeper
from harness.json_types import Json


def _no_json(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


DEPTH: Final = 1_000
"""Levels of arrays and objects that the JSON parser takes which AWS's services use:
https://github.com/FasterXML/jackson-core/blob/2.18/src/main/java/com/fasterxml/jackson/core/StreamReadConstraints.java
"""
_TOO_DEEP: Final = "the text is nested too deeply"


class NestedTooDeeply(ValueError):
    """A JSON text has more levels than can be read."""


def _float(digits: str) -> float | str:
    """Read a number; one that no double holds becomes what Jackson writes for it, a text."""
    value = float(digits)
    return value if value - value == 0 else "Infinity" if value > 0 else "-Infinity"


_DECODER: Final = json.JSONDecoder(parse_constant=_no_json, parse_float=_float)


def read_json(text: str) -> Json:
    """Read a JSON text as AWS does: without NaN and Infinity, and not nested too deeply.

    Raises:
        ValueError: the text is not JSON.
    """
    try:
        value: Json = _DECODER.decode(text)
    except RecursionError:
        raise NestedTooDeeply(_TOO_DEEP) from None
    if text.count("[") + text.count("{") > DEPTH and is_deeper(value, DEPTH):
        raise NestedTooDeeply(_TOO_DEEP)
    return value


def utf8_length(text: str) -> int:
    """Return the bytes of a text in UTF-8; half of a surrogate pair, which JSON can have, counts as 3."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def to_text(value: Json) -> str:
    """Write the compact JSON text that AWS writes into histories for a value it has computed."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Payload:
    """A JSON value with its text, so that a payload handed on unchanged is written only once.

    >>> Payload.parse('{"a": 1}').text      # the text is kept as it was given
    '{"a": 1}'
    >>> Payload({"a": 1}).text
    '{"a":1}'
    """

    __slots__ = ("_size", "_text", "value")

    def __init__(self, value: Json, text: str | None = None) -> None:
        self.value: Final = value
        self._text = text
        self._size = -1

    @classmethod
    def parse(cls, text: str) -> Payload:
        """Read a JSON text.

        Raises:
            ValueError: the text is not JSON.
        """
        return cls(read_json(text), text)

    @property
    def text(self) -> str:
        """The JSON text: the original one, or else the compact one."""
        if self._text is None:
            self._text = to_text(self.value)
        return self._text

    @property
    def size_bytes(self) -> int:
        """Bytes of the text in UTF-8, which is what AWS's payload limit counts."""
        if self._size < 0:
            self._size = utf8_length(self.text)
        return self._size


EMPTY_OBJECT: Final = Payload({}, "{}")
