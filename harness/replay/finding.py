"""Finds the histories in a project. They are in `histories/` folders, inside the scenario folders or next to
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.files import is_folder
from harness.settings import Settings

FOLDER: Final = "histories"
"""The name of a folder with histories."""


def folders_of(settings: Settings) -> tuple[Path, ...]:
    """Return the folders with histories in a project."""
    return tuple(dict.fromkeys(each for each in _candidates(settings) if is_folder(each)))


def folder_of(file: Path, settings: Settings) -> Path | None:
    """Return the histories folder that contains a file, or None for any other file."""
    return next((each for each in _candidates(settings) if file.is_relative_to(each)), None)


def _candidates(settings: Settings) -> Iterator[Path]:
    for scenarios in settings.scenarios:
        yield scenarios.parent / FOLDER
        yield scenarios / FOLDER
