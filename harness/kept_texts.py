"""Texts that are kept in the user's cache, by names that hold all that they depend on."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def recall(folder: Path, name: str) -> str | None:
    """The text that is kept by a name; None if there is none, or none that can be read."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def keep(folder: Path, name: str, text: str) -> None:
    """Keep a text, whole or not at all; does nothing where the folder cannot be written."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=folder)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path, folder / name)
