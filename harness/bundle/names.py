"""Names in a bundle: relative paths that stay inside it on every system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 1024
_LONGEST_PART: Final = 255
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def name_problem(name: str) -> str:
    """Return why a name is rejected; "" for a valid name."""
    parts = name.split("/")
    if not name:
        return "it is empty"
    if _CONTROL.search(name):
        return "it contains control characters"
    if name.startswith("/"):
        return "it is an absolute path"
    if _DRIVE.match(name):
        return "it begins with a drive letter"
    if "\\" in name:
        return "it contains a backslash"
    if ":" in name:
        return "it contains a colon"
    if ".." in parts:
        return "it leads out of the folder"
    if "" in parts or "." in parts:
        return "it is not normalized"
    if len(name) > _LONGEST or any(len(part.encode()) > _LONGEST_PART for part in parts):
        return "it is too long"
    if any(part.endswith((" ", ".")) or _DEVICE.fullmatch(part) for part in parts):
        return "it is not a valid file name on Windows"
    return ""


def clash(names: Iterable[str]) -> str:
    """Return two names that on some system denote the same file, or a file and its folder; "" for
    none.
    """
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        key = _folded(name)
        if key in seen:
            same = (
                "twice"
                if seen[key] == name
                else (f"and {seen[key]!r}, which are the same file on some systems")
            )
            return f"{name!r} {same}"
        seen[key] = name
        parts = key.split("/")
        folders |= {"/".join(parts[:end]): name for end in range(1, len(parts))}
    for key, name in seen.items():
        if key in folders:
            return f"{name!r} as a file, and as the folder of {folders[key]!r}"
    return ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
