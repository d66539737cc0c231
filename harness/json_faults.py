"""Messages that AWS's JSON reader, Jackson, returns for text that is not JSON.

The messages are from Jackson's ReaderBasedJsonParser:
https://github.com/FasterXML/jackson-core/blob/2.18/src/main/java/com/fasterxml/jackson/core/json/ReaderBasedJsonParser.java
"""

from __future__ import annotations

import json
import re
from typing import Final

_WORD: Final = re.compile(r"[\w$]+")
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_DIGITS: Final = 1_000
_STRING_OR_ODD: Final = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity|\d{1001,}', re.DOTALL)
_NON_NUMERIC: Final = "JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS"
_SHOWN: Final = 500  # number of characters in the text
VALUES: Final = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


def json_fault(text: str) -> str:
    """Return AWS's message for text that is not JSON, or the exception's message if only Python finds a
    fault.

    >>> json_fault("{'a': 1}")
    "Unexpected character (''' (code 39)): was expecting double-quote to start field name"
    """
    return _fault(text)[0]


def located_fault(text: str) -> tuple[str, str]:
    """Return AWS's message and the location for text that is not JSON, as AWS does for a definition.

    >>> print(located_fault("{'a': 1}")[1])
    [Source: (String)"{'a': 1}"; line: 1, column: 3]
    """
    words, end = _fault(text)
    return words, source_location(text, end)


def source_location(text: str, end: int) -> str:
    """Return a location in Jackson's format, after the text that was read: 500 characters of the text,
    line, column.
    """
    left = len(text) - _SHOWN
    shown = f'"{text[:_SHOWN]}"' + (f"[truncated {left} chars]" if left > 0 else "")
    read = text[:end]
    line, column = read.count("\n") + 1, end - read.rfind("\n")
    return f"[Source: (String){shown}; line: {line}, column: {column}]"


def nesting(text: str, most: int) -> tuple[int, int]:
    """Return the nesting depth of brackets in text, at most `most` + 1, and the end of the first part with
    that depth.
    """
    depth = deepest = end = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > deepest:
                deepest, end = depth, found.end()
            if depth > most:
                break
        elif found[0] in "]}":
            depth -= 1
    return deepest, end


def _fault(text: str) -> tuple[str, int]:
    """Return the message, and the end of the text that was read."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        words, at = _described(text, error), _position(text, error)
        if words.startswith("Unexpected end-of-input"):
            return words, len(text)
        word = _WORD.match(text, at) if words.startswith("Unrecognized token") else None
        return words, word.end() if word else at + 1
    except RecursionError:
        return "the text is nested too deeply", nesting(text, len(text))[1]
    except ValueError:
        pass
    for odd in _STRING_OR_ODD.finditer(text):
        token = odd[0]
        if token[0].isdigit():
            return f"Number value length ({len(token)}) exceeds the maximum allowed ({_DIGITS})", odd.end()
        if token[0] != '"':
            return f"Non-standard token '{token}': enable `{_NON_NUMERIC}` to allow", odd.end()
    return "the text is not JSON", len(text)


def _position(text: str, error: json.JSONDecodeError) -> int:
    at = error.pos
    if error.msg.startswith("Illegal trailing comma"):
        at += 1
        at += len(text[at:]) - len(text[at:].lstrip())
    return at


def json_fault_at(text: str) -> str:
    """Return the message and the location for text that is not JSON, as services that report the location do.

    >>> json_fault_at("hello")[:25]
    "Unrecognized token 'hello"
    """
    line = column = 1
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        word = _WORD.match(text, error.pos)
        column += len(word[0]) if word else 0
    except RecursionError:
        pass
    return f"{json_fault(text)}\n {location(line, column)}"


def location(line: int, column: int) -> str:
    """Return a location in Jackson's format for messages that do not repeat the text."""
    source = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
    return f"at [Source: {source}; line: {line}, column: {column}]"


def unexpected(character: str) -> str:
    """Return the beginning of the message about a character that is not allowed at its position."""
    return f"Unexpected character ({_named(character)})"


def _described(text: str, error: json.JSONDecodeError) -> str:
    at, message = _position(text, error), error.msg
    if message.startswith("Unterminated string"):
        return "Unexpected end-of-input: was expecting closing quote for a string value"
    if at >= len(text):
        return _ended(text)
    character = text[at]
    shown = unexpected(character)
    if message.startswith("Invalid control character"):
        return (
            f"Illegal unquoted character ({_named(character)}): has to be escaped using backslash to be "
            "included in string value"
        )
    if message.startswith("Invalid \\"):
        escaped = text[at + 1 : at + 2]
        return f"Unrecognized character escape {_named(escaped)}" if escaped else _ended(text)
    if message.startswith("Expecting property name") or (character == "}" and "trailing" in message):
        return f"{shown}: was expecting double-quote to start field name"
    if message.startswith("Expecting ':'"):
        return f"{shown}: was expecting a colon to separate field name and value"
    if character.isdigit() and re.search(r"(?:^|[^\d.eE+-])-?0$", text[:at]):
        return "Invalid numeric value: Leading zeroes not allowed"
    if message.startswith("Expecting ','"):
        kind = "Object" if _open_brackets(text[:at])[-1:] == "{" else "Array"
        return f"{shown}: was expecting comma to separate {kind} entries"
    word = _WORD.match(text, at)
    if word is not None and not character.isdigit():
        return f"Unrecognized token '{word[0]}': was expecting {VALUES}"
    return f"{shown}: expected a valid value {VALUES}"


def _named(character: str) -> str:
    code = ord(character)
    if code < 32 or 127 <= code < 160:  # control characters in ISO 8859
        return f"(CTRL-CHAR, code {code})"
    return f"'{character}' (code {code}{f' / 0x{code:x}' if code > 255 else ''})"


def _ended(text: str) -> str:
    opened = _open_brackets(text)
    if not opened:
        return "Unexpected end-of-input"
    kind = "Object" if opened[-1] == "{" else "Array"
    return f"Unexpected end-of-input: expected close marker for {kind}"


def _open_brackets(text: str) -> str:
    opened = ""
    for each in _STRING_OR_BRACKET.findall(text):
        if each in "[{":
            opened += each
        elif each in "]}":
            opened = opened[:-1]
    return opened
