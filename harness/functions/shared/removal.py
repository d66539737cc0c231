"""Removes folders of functions, who may have taken the right to do so from their owner."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def remove_tree(folder: str | Path) -> None:
    """Remove a folder, also one with folders that nobody may change; what cannot be removed stays."""
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):
        return
    for path, folders, _ in os.walk(folder):  # from above: a folder is open before it is entered
        for name in folders:
            place = os.path.join(path, name)
            if not os.path.islink(place):
                os.chmod(place, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
