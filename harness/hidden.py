"""Secrets of this process that no report, log or screen shows: the session tokens of its engines."""

from __future__ import annotations

from typing import Final, TextIO

SHOWN: Final = "(session token)"
"""The text that stands where a secret was."""
_secrets: set[str] = set()


def hide(secret: str) -> None:
    """Keep a secret out of everything that is written from now on."""
    if secret:
        _secrets.add(secret)


def secrets() -> frozenset[str]:
    """The secrets so far, for another process that writes of the same engines."""
    return frozenset(_secrets)


def without_secrets(text: str) -> str:
    """Return the text with SHOWN in the place of each secret."""
    for secret in _secrets:
        text = text.replace(secret, SHOWN)
    return text


class Hiding:
    """A stream that writes to another one what is left without the secrets."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; gives its length."""
        self._stream.write(without_secrets(text))
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
