"""The plugin's sources as a separate project, for any installation of the harness."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

HERE = Path(__file__).parent
FUNCTIONS = HERE.parents[1] / "functions"
LEAVES = tuple(HERE.parents[1] / name for name in ("json_types.py", "quotas.py"))
"""Modules that `functions` imports and that do not import other harness modules."""
PLUGIN = HERE / "plugin"
_IGNORED = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")


def copy_plugin(folder: Path) -> Path:
    """Copy the plugin's sources into `folder`, and return the project folder in it.

    An in-place build would leave files behind, and would fail if the harness is installed for all users.
    """
    root = FUNCTIONS.parents[1]
    for source in (FUNCTIONS, PLUGIN):
        shutil.copytree(source, folder / source.relative_to(root), ignore=_IGNORED)
    for leaf in LEAVES:
        shutil.copy(leaf, folder / leaf.relative_to(root))
    return folder / PLUGIN.relative_to(root)


def fingerprint() -> str:
    """Return a hash that changes when the plugin's sources change."""
    digest = hashlib.sha256()
    folders = ((*folder.rglob("*.py"), *folder.rglob("*.toml")) for folder in (FUNCTIONS, PLUGIN))
    for file in (*LEAVES, *(file for files in folders for file in sorted(files))):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
