"""Constants in JSONPath filters: strings, numbers, words, JSON and regular expressions."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from harness.json_types import Json, JsonObject
from harness.patterns.pattern import Pattern

from ...payload import read_json
from .names import end_of_bracket, end_of_quoted, unescape

_BARE: Final = re.compile(r"""[^\s'"()\[\]{},<>=!~&|/]+""")
_NUMBER: Final = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE]-?\d+)?", re.ASCII)
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_FLAGS: Final = re.compile("[idmsuUx]*")
_MOST_NESTED: Final = 100

Literal: TypeAlias = "Json | Pattern"
"""The value of a constant."""


def read_literal(text: str, start: int, *, bare: bool) -> tuple[Literal, int]:
    """Read the constant at a position in a filter. Return it with the position that follows it.

    Args:
        bare: accept a string without quotes, like Jayway 2.0.0: `[?(@.name==Ann)]`.

    Raises:
        ValueError: no constant found.
    """
    character = text[start : start + 1]
    if character in ("'", '"'):
        end = end_of_quoted(text, start)
        return unescape(text[start + 1 : end]), end + 1
    if character in ("[", "{"):
        end = end_of_bracket(text, start)
        return _JsonReader(text[start : end + 1]).value(), end + 1
    if character == "/":
        return _pattern(text, start)
    word = _BARE.match(text, start)
    if not word:
        raise ValueError(f"expected a value at '{text[start:]}'")
    if word[0] in _WORDS:
        return _WORDS[word[0]], word.end()
    if _NUMBER.fullmatch(word[0]):
        return _number(word[0]), word.end()
    if not bare:
        raise ValueError(f"'{word[0]}' is not a value")
    return word[0], word.end()


def _number(text: str) -> Json:
    return float(text) if re.search("[.eE]", text) else int(text)


def _pattern(text: str, start: int) -> tuple[Pattern, int]:
    end = end_of_quoted(text, start)
    flags = _FLAGS.match(text, end + 1)
    letters = flags[0] if flags else ""
    return Pattern(text[start + 1 : end], letters), end + 1 + len(letters)


class _JsonReader:
    """Parser for JSON that, like json-smart, also allows single quotes and unquoted words."""

    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._position = 0

    def value(self) -> Json:
        """Read the whole text. Raises ValueError if it is not JSON."""
        if "'" not in self._text:
            try:
                return read_json(self._text)
            except ValueError:
                pass
        if self._text.count("[") + self._text.count("{") > _MOST_NESTED:
            raise ValueError("the value is nested too deeply")
        return self._value()

    def _next(self) -> str:
        while self._text[self._position : self._position + 1].isspace():
            self._position += 1
        return self._text[self._position : self._position + 1]

    def _value(self) -> Json:
        character = self._next()
        if character == "[":
            return self._array()
        if character == "{":
            return self._object()
        literal, self._position = read_literal(self._text, self._position, bare=True)
        if isinstance(literal, Pattern):
            raise ValueError("a pattern is not JSON")  # noqa: TRY004 - the text is wrong, not a type
        return literal

    def _array(self) -> Json:
        items: list[Json] = []
        self._position += 1
        while self._next() != "]":
            items.append(self._value())
            self._separator("]")
        self._position += 1
        return items

    def _object(self) -> Json:
        fields: JsonObject = {}
        self._position += 1
        while self._next() != "}":
            colon = self._text.find(":", self._position)
            name, end = self._name(colon)
            self._position = end
            if self._next() != ":":
                raise ValueError("expected a colon after a name")
            self._position += 1
            fields[name] = self._value()
            self._separator("}")
        self._position += 1
        return fields

    def _name(self, colon: int) -> tuple[str, int]:
        if self._next() in ("'", '"'):
            end = end_of_quoted(self._text, self._position)
            return unescape(self._text[self._position + 1 : end]), end + 1
        if colon < 0:
            raise ValueError("expected a colon after a name")
        return self._text[self._position : colon].strip(), colon

    def _separator(self, closing: str) -> None:
        following = self._next()
        if following == ",":
            self._position += 1
        elif following != closing:
            raise ValueError(f"expected a comma at '{self._text[self._position :]}'")
