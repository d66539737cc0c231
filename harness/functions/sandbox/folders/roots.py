"""The folders that a function sees on Lambda, and where their content is on this machine: one table."""

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

_SYSTEM = ("/usr/", "/nix/")  # seen in any case


BYTECODE = f"{LANG}/bytecode"
"""The folder for the bytecode of a function's modules, which environments share."""


class Root(NamedTuple):
    """A folder: its path for the function, its path on this machine, and whether it consists of links."""

    at: str
    here: str
    links: bool = False


def read_only_roots(setting: FolderSetting) -> list[Root]:
    """Give all folders but /tmp, in the order of their paths."""
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
    """Give the folders of this Python that are not the system's; they keep their places."""
    folders = {os.path.realpath(path) for path in (sys.base_prefix, sys.base_exec_prefix)}
    folders |= {sys.base_prefix, sys.base_exec_prefix}
    return [Root(path, path) for path in sorted(folders) if path != "/usr" and not path.startswith(_SYSTEM)]


def import_paths(layers: str, version: str) -> list[str]:
    """Give the folders of layers from which Python of this version imports, in Lambda's order."""
    if not layers:
        return []
    return [f"{OPT}/python/lib/python{version}/site-packages", f"{OPT}/python"]
