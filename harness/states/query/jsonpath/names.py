"""Quoted strings in a JSONPath: their ends, and the characters that their escapes represent."""

from __future__ import annotations

import re
from typing import Final

from .steps import InvalidPath

_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROLS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescape(text: str, *, kept: str = "") -> str:
    r"""Replace the escapes in a quoted string with their characters.

    Args:
        kept: a character whose backslash is kept. For example, AWS takes `['a\"b']` in a path as the name
            `a\"b`.

    >>> unescape(r"it\'s \u0061\tb"), unescape(r"a\"b", kept='"')
    ("it's a\tb", 'a\\"b')
    """

    def character(match: re.Match[str]) -> str:
        escaped = match[1]
        if escaped == kept:
            return match[0]
        return chr(int(escaped[1:], 16)) if len(escaped) > 1 else _CONTROLS.get(escaped, escaped)

    return _ESCAPE.sub(character, text) if "\\" in text else text


def end_of_quoted(text: str, start: int) -> int:
    """Return the position of the quote that closes the quote at `start`, or raise InvalidPath."""
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == text[start]:
            return position
        position += 1
    raise InvalidPath(f"{text[start]} at position {start} of '{text}' is not closed")


def end_of_bracket(text: str, start: int, *, skipped: str = "'\"") -> int:
    """Return the position of the bracket that closes the bracket at `start`.

    Args:
        skipped: the quote characters between which brackets are ignored; `/` for regular expressions.

    Raises:
        InvalidPath: the bracket is not closed.
    """
    opening, closing = text[start], {"[": "]", "(": ")", "{": "}"}[text[start]]
    depth, position = 0, start
    while position < len(text):
        character = text[position]
        if character in skipped:
            position = end_of_quoted(text, position)
        elif character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if not depth:
                return position
        position += 1
    raise InvalidPath(f"'{opening}' at position {start} of '{text}' is not closed")
