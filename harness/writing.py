"""Writes files: all of them or none, each completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

_UNFINISHED: Final = ".unfinished"


class NotWritten(Exception):
    """Files could not be written. The message gives the reason and the remedy."""


def check_free(files: Mapping[Path, str], otherwise: str = "") -> None:
    """Refuse to overwrite existing files. `otherwise` is an alternative remedy.

    Raises:
        NotWritten: a file exists.
    """
    for path in files:
        if os.path.lexists(path):
            remedy = f"choose another file with --output{f', {otherwise}' if otherwise else ''}"
            raise NotWritten(f"{path} already exists and is not overwritten; {remedy}")


def write(files: Mapping[Path, str]) -> None:
    """Write files, and create their folders.

    Raises:
        NotWritten: a file exists, or cannot be written. In this case, no file is written.
    """
    check_free(files)
    done: list[Path] = []
    try:
        for path, text in files.items():
            unfinished = path.with_name(path.name + _UNFINISHED)
            path.parent.mkdir(parents=True, exist_ok=True)
            done.append(unfinished)
            unfinished.write_bytes(text.encode("utf-8", "backslashreplace"))
        for path in files:
            path.with_name(path.name + _UNFINISHED).rename(path)
    except OSError as error:
        for path in done:
            with suppress(OSError):
                path.unlink()
        remedy = "free some space, or choose another file with --output"
        raise NotWritten(f"{path}: cannot be written ({error.strerror}); {remedy}") from error


def rewrite(path: Path, text: str) -> None:
    """Write a file, replacing an existing one.

    Raises:
        NotWritten: it cannot be written. An existing file stays unchanged.
    """
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        unfinished.write_bytes(text.encode("utf-8", "backslashreplace"))
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise NotWritten(f"{path}: cannot be written ({error.strerror}); free some space") from error
