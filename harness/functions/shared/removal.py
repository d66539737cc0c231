"""Removes functions' folders, even if a function has removed the owner's permissions."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def remove_tree(folder: str | Path) -> None:
    """Remove a folder, even if it contains read-only folders; entries that cannot be removed stay."""
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    _open(folder)
    # from the top: each folder is made writable before it is entered
    for path, folders, _ in os.walk(folder):
        for name in folders:
            _open(os.path.join(path, name))
    shutil.rmtree(folder, ignore_errors=True)


def _open(folder: str | Path) -> None:
    if not os.path.islink(folder):
        with contextlib.suppress(OSError):  # it belongs to another user, or has just been removed
            os.chmod(folder, 0o700)
