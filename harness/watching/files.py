"""The watched files, with their states at the time they were read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

_LEFT_OUT: Final = frozenset(
    {".git", ".tox", ".venv", "__pycache__", "node_modules", "site-packages", "venv"}
)
_KINDS: Final = (".json", ".py", ".template", ".toml", ".txt", ".yaml", ".yml")
"""The extensions of files that are detected when they are created or deleted."""
_PAUSE_S: Final = 0.04
"""The time between two checks of the files."""
_State = tuple[int, int] | None


def _asked_nothing(seconds: float) -> bool:
    time.sleep(seconds)
    return False


class Files:
    """Files with their states, and their folders."""

    def __init__(self) -> None:
        self._states: dict[Path, _State] = {}
        self._names: dict[Path, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self._states)

    def begin(self) -> None:
        """Store the current states."""
        self._states = {path: _state(path) for path in self._states}
        self._names = {folder: _listed(folder) for folder in self._names}

    def add(self, paths: Iterable[Path]) -> None:
        """Watch more files; files that are already watched keep their states."""
        for path in map(Path.absolute, paths):
            if path not in self._states and not _LEFT_OUT.intersection(path.parts):
                self._states[path] = _state(path)
                self._names.setdefault(path.parent, _listed(path.parent))

    def changed(self) -> frozenset[Path]:
        """Return the changed files, and those that were created or deleted."""
        found = {path for path, state in self._states.items() if _state(path) != state}
        for folder, names in self._names.items():
            found |= {folder / name for name in names ^ _listed(folder)}
        return frozenset(found)

    def wait(self, asked_within: Callable[[float], bool] = _asked_nothing) -> tuple[Path, ...]:
        """Wait until a file is saved, and a moment longer, because an editor may save more files.

        `asked_within` waits for a number of seconds, and returns whether the user has requested a run. If so,
        the result may be empty.
        """
        while not (changed := self.changed()):
            if asked_within(_PAUSE_S):
                return ()
        while True:
            time.sleep(_PAUSE_S / 2)
            if (more := self.changed()) == changed:
                return tuple(sorted(changed))
            changed = more


def _state(path: Path) -> _State:
    """Return a file's modification time and size, or None if it does not exist."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _listed(folder: Path) -> frozenset[str]:
    try:
        return frozenset(name for name in os.listdir(folder) if name.endswith(_KINDS))
    except OSError:
        return frozenset()
