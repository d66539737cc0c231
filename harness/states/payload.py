"""JSON that is passed between states: the value, and its text, which is computed on first use.

Values are shared between states and must never be changed in place.
"""

from __future__ import annotations

import json
from typing import Final

from harness.bounds import is_deeper
from harness.json_types import Json


def _no_json(constant: str) -> Json:
    raise ValueError(f"{constant} is not valid JSON")


DEPTH: Final = 1_000
"""Maximum nesting of arrays and objects in the JSON parser that AWS's services use:
https://github.com/FasterXML/jackson-core/blob/2.18/src/main/java/com/fasterxml/jackson/core/StreamReadConstraints.java
"""
_TOO_DEEP: Final = "the text is nested too deeply"


class NestedTooDeeply(ValueError):
    """A JSON document is nested too deeply."""


def _float(digits: str) -> float | str:
    """Read a number. A number that is too large for a double becomes a string, as Jackson writes it."""
    value = float(digits)
    return value if value - value == 0 else "Infinity" if value > 0 else "-Infinity"


_DECODER: Final = json.JSONDecoder(parse_constant=_no_json, parse_float=_float)


def read_json(text: str) -> Json:
    """Read JSON like AWS: without NaN and Infinity, and with limited nesting.

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
    """Return the length of a string in UTF-8 bytes. An unpaired surrogate, which JSON allows, has a length of
    3.
    """
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def to_text(value: Json) -> str:
    """Return a computed value as the compact JSON text that AWS writes into histories."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Payload:
    """A JSON value with its text. A payload that is passed on unchanged is serialized only once.

    >>> Payload.parse('{"a": 1}').text      # the original text is preserved
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
        """Parse JSON.

        Raises:
            ValueError: the text is not JSON.
        """
        return cls(read_json(text), text)

    @property
    def text(self) -> str:
        """The JSON text: the original text if one exists, otherwise the compact text."""
        if self._text is None:
            self._text = to_text(self.value)
        return self._text

    @property
    def size_bytes(self) -> int:
        """Size of the text in UTF-8 bytes, as counted for AWS's payload limit."""
        if self._size < 0:
            self._size = utf8_length(self.text)
        return self._size


EMPTY_OBJECT: Final = Payload({}, "{}")
