"""Writes files: all of them or none, each whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

_UNFINISHED: Final = ".unfinished"


class NotWritten(Exception):
    """Files could not be written; the message says why, and the remedy."""


def check_free(files: Mapping[Path, str], otherwise: str = "") -> None:
    """Refuse files that are there; `otherwise` is another remedy.

    Raises:
        NotWritten: one is.
    """
    for path in files:
        if os.path.lexists(path):
            remedy = f"name another with --output{f', {otherwise}' if otherwise else ''}"
            raise NotWritten(f"{path} is there already, and is not overwritten; {remedy}")


def write(files: Mapping[Path, str]) -> None:
    """Write files, and the folders that they are in.

    Raises:
        NotWritten: one is there, or cannot be written; then none is.
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
        remedy = "make room for it, or name another with --output"
        raise NotWritten(f"{path}: cannot be written ({error.strerror}); {remedy}") from error


def rewrite(path: Path, text: str) -> None:
    """Write a file anew.

    Raises:
        NotWritten: it cannot be written; then it is as it was.
    """
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        unfinished.write_bytes(text.encode("utf-8", "backslashreplace"))
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise NotWritten(f"{path}: cannot be written ({error.strerror}); make room for it") from error
