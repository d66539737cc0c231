"""Strings in which a backslash escapes the next character."""

from __future__ import annotations

import re


def split_at(mark: str, parts: re.Pattern[str], text: str) -> list[str]:
    """Split a string at its marks, and remove the backslashes from its escapes.

    Args:
        parts: matches the marks, the escapes and the text between them, one at a time.
    """
    split = [""]
    for part in parts.findall(text):
        if part == mark:
            split.append("")
        else:
            split[-1] += part[1:] if part[0] == "\\" and len(part) > 1 else part
    return split
