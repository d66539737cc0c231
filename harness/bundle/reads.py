"""Records which files this process opens. A bundle must contain these files.

Only this method is complete, because templates, code, layers, includes, assets, seeds and modules are read in
many places. New code that reads files works without changes to this module.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_NAMED: Final = ("harness.files", "harness.stack.", "harness.seed", "harness.project_file")
"""Modules that read files specified by a project, in any folder."""
_PACKAGED: Final = ("harness.stack.",)
_DISCOVERS: Final = "harness.scenario.discover"
_DEPTH: Final = 24
"""Number of callers to inspect."""


class Reads:
    """The files that were read since `begin`, by absolute path.

    `named` are the files that the project specifies, including files outside its folder. `packaged` are the
    files that were read for the deployment, not only for settings.
    """

    def __init__(self) -> None:
        self.opened: dict[str, None] = {}
        self.named: set[str] = set()
        self.packaged: set[str] = set()
        self._on = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Record reads inside the `with` block."""
        if not self._on:
            sys.addaudithook(self._heard)  # an audit hook cannot be removed
        self._on = True
        try:
            yield
        finally:
            self._on = False

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or not self._on:
            return
        path, _, flags = arguments
        if not isinstance(path, str | bytes | os.PathLike) or not isinstance(flags, int):
            return
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        name = os.path.abspath(os.fsdecode(path))
        callers = list(_callers(sys._getframe(1)))
        if _DISCOVERS in callers:
            return  # it scans all YAML files in a folder
        self.opened[name] = None
        if any(caller.startswith(_NAMED) for caller in callers):
            self.named.add(name)
        if any(caller.startswith(_PACKAGED) for caller in callers):
            self.packaged.add(name)

    def modules(self) -> Iterator[str]:
        """Return the files of imported modules, whose bytecode may have been read instead."""
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and file.endswith(".py"):
                yield os.path.abspath(file)


def is_regular(path: str) -> bool:
    """Return whether a path refers to a file."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _callers(frame: FrameType | None) -> Iterator[str]:
    for _ in range(_DEPTH):
        if frame is None:
            return
        yield str(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
