"""Removes folders of functions, which may have taken the right to do so from their owner."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def remove_tree(folder: str | Path) -> None:
    """Remove a folder, also one with folders that nobody may change; what cannot be removed stays."""
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    _open(folder)
    for path, folders, _ in os.walk(folder):  # from above: a folder is open before it is entered
        for name in folders:
            _open(os.path.join(path, name))
    shutil.rmtree(folder, ignore_errors=True)


def _open(folder: str | Path) -> None:
    if not os.path.islink(folder):
        with contextlib.suppress(OSError):  # it is another user's, or has just gone
            os.chmod(folder, 0o700)
