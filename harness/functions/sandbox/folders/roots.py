"""The table of a function's folders on Lambda and the location of their content on this machine."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from ...shared.sandbox_protocol import LANG, OPT, RUNTIME, TASK, TMP, FolderSetting

__all__ = [
    "BYTECODE",
    "LANG",
    "OPT",
    "RUNTIME",
    "TASK",
    "TMP",
    "Root",
    "import_paths",
    "python_roots",
    "read_only_roots",
]

_SYSTEM = ("/usr/", "/nix/")  # always visible


BYTECODE = f"{LANG}/bytecode"
"""The folder for the bytecode of a function's modules, which environments share."""


class Root(NamedTuple):
    """A folder: its path for the function, its path on this machine, and whether it consists of links."""

    at: str
    here: str
    links: bool = False


def read_only_roots(setting: FolderSetting) -> list[Root]:
    """Return all folders except /tmp, sorted by path."""
    return sorted(
        [
            Root(LANG, setting["lang"]),
            Root(OPT, setting["opt"]),
            Root(RUNTIME, setting["runtime"], links=True),
            Root(TASK, setting["task"]),
            *python_roots(),
        ]
    )


def python_roots() -> list[Root]:
    """Return this Python's folders that are not part of the system. They keep their paths."""
    folders = {os.path.realpath(path) for path in (sys.base_prefix, sys.base_exec_prefix)}
    folders |= {sys.base_prefix, sys.base_exec_prefix}
    return [Root(path, path) for path in sorted(folders) if path != "/usr" and not path.startswith(_SYSTEM)]


def import_paths(layers: str, version: str) -> list[str]:
    """Return the layers' folders from which this Python version imports, in Lambda's order."""
    if not layers:
        return []
    return [f"{OPT}/python/lib/python{version}/site-packages", f"{OPT}/python"]
