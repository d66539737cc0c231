"""Texts in which a backslash takes the meaning from the character behind it."""

from __future__ import annotations

import re


def split_at(mark: str, parts: re.Pattern[str], text: str) -> list[str]:
    """Split a text at its marks, and take the backslashes of its escapes away.

    Args:
        parts: finds the marks, the escapes and what is between them, one after the other.
    """
    split = [""]
    for part in parts.findall(text):
        if part == mark:
            split.append("")
        else:
            split[-1] += part[1:] if part[0] == "\\" and len(part) > 1 else part
    return split
