"""Finds the codes that explain error messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from harness.explaining.pages import pages

SHOWN: Final = 4
"""The maximum number of codes in the command."""


def code_of(message: str, default: str = "") -> str:
    """Return the code of the page that matches a message best, or `default` if no page matches.

    >>> code_of("a.yaml:3:1: unknown key 'sed'; did you mean 'seed'?")
    'scenario-unknown-key'
    """
    return max(((length, code) for length, code in _found(message)), default=(0, default))[1]


def with_codes(text: str, default: str) -> str:
    """Return an error's text, and add the command that explains the error as the last line.

    Each line of the text is a message. `default` is the code if no line matches a page.
    """
    found = dict.fromkeys(code for line in text.splitlines() if (code := code_of(line)))
    return f"{text}\n{more_about(found or [default])}"


def more_about(codes: Iterable[str]) -> str:
    """Return the command that explains these codes, or "" if there are none.

    >>> more_about(["items", "States.Timeout"])
    'for more: harness explain items States.Timeout'
    """
    shown = list(dict.fromkeys(codes))[:SHOWN]
    return f"for more: harness explain {' '.join(shown)}" if shown else ""


def _found(message: str) -> Iterator[tuple[int, str]]:
    text = " ".join(message.split())
    for pattern, length, code in _patterns():
        if pattern.search(text):
            yield length, code


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], int, str], ...]:
    """The pattern for each message on a page, its number of fixed characters, and the page's code."""
    return tuple(
        (_pattern(words), len(words.replace("…", "").strip()), page.code)
        for page in pages().values()
        for words in page.messages
    )


def _pattern(words: str) -> re.Pattern[str]:
    """Compile a message fragment, in which `…` matches any text. It matches whole words only."""
    fixed = ".*?".join(re.escape(part.strip()) for part in words.split("…") if part.strip())
    begin, end = (r"\b" if words.strip("… ")[at].isalnum() else "" for at in (0, -1))
    return re.compile(f"{begin}{fixed}{end}")
