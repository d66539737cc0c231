"""Finds the codes of messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from harness.explaining.pages import pages

SHOWN: Final = 4
"""The largest number of codes that one line names."""


def code_of(message: str, default: str = "") -> str:
    """The code of a message: the page with the longest words that the message contains; else `default`.

    >>> code_of("a.yaml:3:1: unknown key 'sed'; did you mean 'seed'?")
    'scenario-unknown-key'
    """
    return max(((length, code) for length, code in _found(message)), default=(0, default))[1]


def codes_of(messages: Iterable[str], default: str = "") -> tuple[str, ...]:
    """Return the codes of several messages, each once; `default` if no message has a page."""
    found = dict.fromkeys(code for message in messages if (code := code_of(message)))
    return tuple(found) or ((default,) if default else ())


def more_about(codes: Iterable[str]) -> str:
    """The command that explains codes: `for more: harness explain items States.Timeout`; "" for no codes."""
    shown = list(dict.fromkeys(codes))[:SHOWN]
    return f"for more: harness explain {' '.join(shown)}" if shown else ""


def _found(message: str) -> Iterator[tuple[int, str]]:
    text = " ".join(message.split())
    for pattern, length, code in _patterns():
        if pattern.search(text):
            yield length, code


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], int, str], ...]:
    """A pattern for each message of a page, with the number of its fixed characters and the page's code."""
    return tuple(
        (_pattern(words), len(words.replace("…", "").strip()), page.code)
        for page in pages().values()
        for words in page.messages
    )


def _pattern(words: str) -> re.Pattern[str]:
    """Compile words in which `…` stands for any text; no name of an error is found within another."""
    fixed = ".*?".join(re.escape(part.strip()) for part in words.split("…") if part.strip())
    begin, end = (r"\b" if words.strip("… ")[at].isalnum() else "" for at in (0, -1))
    return re.compile(f"{begin}{fixed}{end}")
