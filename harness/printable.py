"""Makes text safe to print. Only this module keeps control characters out of terminals, logs and reports.

Titles, paths, keys, error messages and function logs come from untrusted files and code. Some
characters can control a terminal (ESC, which begins OSC and CSI, and C1). Others hide or reorder text
(bidirectional overrides) or break a line unexpectedly. All of them are shown as escape sequences. Secrets
(`hidden`) are not shown at all.
"""

from __future__ import annotations

import re
import sys
from typing import Final, TextIO

from harness.hidden import without_secrets

_BIDIRECTIONAL: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters"""
_SEPARATORS: Final = "\u2028\u2029"
_ODD: Final = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDIRECTIONAL}{_SEPARATORS}\ufeff\ud800-\udfff]")
_ODD_IN_A_LINE: Final = re.compile(rf"[\t\n]|{_ODD.pattern}")
_ODD_IN_JSON: Final = re.compile(rf"[\x7f-\x9f{_BIDIRECTIONAL}{_SEPARATORS}\ufeff]")


def printable(text: str) -> str:
    r"""Escape a multi-line string. Tabs and line feeds are kept.

    >>> print(printable("a\x1b]0;b\u202ec"))
    a\x1b]0;b\u202ec
    """
    return _escaped(without_secrets(text))


def one_line(text: object) -> str:
    r"""Escape a single line, such as a title or a path. Line feeds are also escaped.

    >>> print(one_line("a\n::error::b"))
    a\n::error::b
    """
    shown = without_secrets(str(text))
    return shown if shown.isascii() and shown.isprintable() else _ODD_IN_A_LINE.sub(_escape, shown)


def printable_json(text: str) -> str:
    """Replace unsafe characters in JSON text with JSON escapes. The value stays the same."""
    return _ODD_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(*lines: object, file: TextIO | None = None, end: str = "\n", flush: bool = False) -> None:
    """Print lines to a stream, by default stdout."""
    print(*(printable(str(each)) for each in lines), sep="\n", end=end, file=file or sys.stdout, flush=flush)


def hand_out(text: str, file: TextIO | None = None) -> None:
    """Print text that contains secrets to a stream, by default stdout, for the user who needs them."""
    print(_escaped(text), file=file or sys.stdout, flush=True)


def _escaped(text: str) -> str:
    return text if text.isascii() and text.isprintable() else _ODD.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] in "\t\n":
        return {"\t": "\\t", "\n": "\\n"}[found[0]]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
