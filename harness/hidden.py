"""Secrets in this process that no report, log or screen shows.

They are the session tokens of its engines, and the secrets in scenarios and settings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Final, TextIO

SHOWN: Final = "(session token)"
"""Replacement for a session token."""
SHOWN_GIVEN: Final = "(secret)"
"""Replacement for a secret from a scenario or the settings."""
_SHORT: Final = 8
"""Minimum length of a secret that is also hidden within words. A shorter secret is hidden only as a whole
word.
"""
_LEAST: Final = 3
"""Minimum length of a string that is hidden. A single digit would be hidden everywhere."""
_DEEP: Final = 2
"""Levels of nested JSON strings in which a secret is still found."""
_secrets: set[str] = set()
_given: dict[str, re.Pattern[str]] = {}
_whole: set[str] = set()


def hide(secret: str) -> None:
    """Hide a session token in all output from now on."""
    if secret:
        _secrets.add(secret)


def hide_given(secret: str) -> None:
    """Hide a secret, its lines and the strings in its JSON in all output from now on."""
    _whole.add(secret)
    if secret in _given:
        return
    for text in (secret, *_parts(secret)):
        for form in _forms(text):
            if len(form) >= _LEAST and form not in _given:
                edge = r"(?<!\w){}(?!\w)" if len(form) < _SHORT else "{}"
                _given[form] = re.compile(edge.format(re.escape(form)))
    for form in sorted(_given, key=len, reverse=True):  # the whole string before its parts
        _given[form] = _given.pop(form)


def _forms(text: str) -> frozenset[str]:
    """Return a string as it is written in JSON, in JSON within a JSON string, and in XML."""
    forms = {text}
    for _ in range(_DEEP):
        forms |= {json.dumps(form, ensure_ascii=ascii_)[1:-1] for form in forms for ascii_ in (True, False)}
    return frozenset(forms | {escape(form, quote) for form in forms for quote in (True, False)})


def _parts(secret: str) -> Iterator[str]:
    """Return the lines of a string and, if it is JSON, the strings in it."""
    yield from (line.strip() for line in secret.splitlines())
    try:
        yield from _texts(json.loads(secret))
    except (ValueError, RecursionError):
        return


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _texts(entry)


def given_secrets() -> frozenset[str]:
    """Return the secrets that were passed to `hide_given`, unchanged."""
    return frozenset(_whole)


def secrets() -> frozenset[str]:
    """Return the hidden session tokens, for another process whose output concerns the same engines."""
    return frozenset(_secrets)


def without_secrets(text: str) -> str:
    """Return the text with each secret replaced by SHOWN or SHOWN_GIVEN."""
    for secret in _secrets:
        text = text.replace(secret, SHOWN)
    for secret, pattern in _given.items():
        if secret in text:
            text = pattern.sub(SHOWN_GIVEN, text)
    return text


class Hiding:
    """A stream that removes secrets and writes everything else to another stream."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a string and return its length."""
        self._stream.write(without_secrets(text))
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
