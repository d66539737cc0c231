"""Strings in the user's cache. A string's name contains everything that the string depends on."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def recall(folder: Path, name: str) -> str | None:
    """Return the cached string with this name. None if it does not exist or cannot be read."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def keep(folder: Path, name: str, text: str) -> None:
    """Cache a string completely or not at all. Does nothing if the folder is not writable."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=folder)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path, folder / name)
