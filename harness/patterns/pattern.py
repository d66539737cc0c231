"""Regular expressions with bounded cost: a text is matched in one pass, with all alternatives in parallel.

A backtracking matcher, such as Python's or Java's, takes years for `(a+)+b` and a hundred letters. This
matcher follows all paths in parallel and visits at most (characters) x (parts of the pattern) places. It does
not support lookarounds and back references. Python's matcher handles those, within a limit on its estimated
number of steps.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from .reader import NotRegular, Part, read_pattern

_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_UNICODE: Final = "uU"
_QUICK: Final = 100_000
"""Number of estimated steps / 32 up to which Python's matcher is at least as fast as this one."""


class Pattern:
    """A regular expression with Java's flags."""

    __slots__ = ("_parts", "_python")

    def __init__(self, text: str, flags: str = "", *, python: bool = False) -> None:
        """Compile a regular expression. Raises re.error if the text is not a regular expression.

        Args:
            python: true if the text uses Python's syntax rather than Java's.
        """
        inline = re.match(r"\(\?([dimsuxU]+)\)", text)
        if inline:
            flags, text = flags + inline[1], text[inline.end() :]
        options = re.NOFLAG if python or set(flags) & set(_UNICODE) else re.ASCII
        for flag in flags:
            options |= _FLAGS.get(flag, re.NOFLAG)
        text = text if python else _as_python_writes_it(text)
        self._python: Final = re.compile(text, options)
        self._parts: tuple[Part, ...] | None
        try:
            self._parts = read_pattern(text, options)
        except NotRegular:
            self._parts = None

    def matches(self, text: str, spend: Callable[[int], None]) -> bool:
        """Return whether the whole text matches.

        Args:
            spend: counts the visited places, and raises an exception if there are too many.
        """
        if self._parts is None:
            spend(_worst_case(self._python.pattern, len(text)))
            return self._python.fullmatch(text) is not None
        reached = _reach(self._parts, [0], text, 0)
        for position, character in enumerate(text):
            spend(1 + len(reached) // 4)
            matching = [part for part in reached if part.wanted and part.wanted.match(character)]
            if not matching:
                return False
            reached = _reach(self._parts, [part.then[0] for part in matching], text, position + 1)
        return any(not part.then for part in reached)

    def is_found_in(self, text: str, spend: Callable[[int], None]) -> bool:
        """Return whether any part of the text matches. For `spend`, see `matches`."""
        if self._parts is None or _worst_case(self._python.pattern, len(text)) <= _QUICK:
            spend(_worst_case(self._python.pattern, len(text)))
            return self._python.search(text) is not None
        reached: list[Part] = []
        for position in range(len(text) + 1):
            spend(1 + len(reached) // 4)
            character = text[position - 1 : position]
            matching = [part for part in reached if part.wanted and part.wanted.match(character)]
            # A match may also begin at this character.
            reached = _reach(self._parts, [*(part.then[0] for part in matching), 0], text, position)
            if any(not part.then for part in reached):
                return True
        return False


def _reach(parts: tuple[Part, ...], starts: list[int], text: str, position: int) -> list[Part]:
    """Follow the paths that consume no character, up to parts that require one, or to the end."""
    reached: list[Part] = []
    seen: set[int] = set()
    pending = starts[::-1]
    while pending:
        each = pending.pop()
        if each in seen:
            continue
        seen.add(each)
        part = parts[each]
        if part.wanted or not part.then:
            reached.append(part)
        elif part.between is None or part.between.match(text, position):
            pending += part.then
    return reached


def _as_python_writes_it(text: str) -> str:
    r"""Convert Java's quotations, group names and end-of-text anchor to Python's syntax.

    >>> _as_python_writes_it(r"\Qa.b\E(?<n>x)\z")
    'a\\.b(?P<n>x)\\Z'
    """
    text = re.sub(r"\\Q(.*?)(?:\\E|$)", lambda match: re.escape(match[1]), text, flags=re.DOTALL)
    return re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", text).replace(r"\z", r"\Z")


def _worst_case(pattern: str, length: int) -> int:
    """Estimate a backtracking matcher's steps / 32: 2^n for nested repetitions, otherwise n^repetitions."""
    if re.search(r"\)[*+{]", pattern):
        return 1 << max(min(length, 64) - 5, 0)
    repeats = min(len(re.findall(r"(?<!\\)[*+}]", pattern)), 64)
    return math.prod([length] * repeats) // 32
