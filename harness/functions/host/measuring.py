"""Records the executed lines of functions' code, and locates coverage.py's tracer."""

from __future__ import annotations

import functools
import importlib.util
import threading
from collections.abc import Mapping
from pathlib import Path

from ..shared.model import Ran, RanByFile
from ..shared.sandbox_protocol import Measuring


class Measured:
    """The executed lines by function. Counting starts with `begin`. Thread-safe."""

    def __init__(self) -> None:
        self._arcs: bool | None = None
        self._lock = threading.Lock()
        self._ran: dict[str, dict[str, set[int | tuple[int, int]]]] = {}

    def begin(self, *, arcs: bool) -> None:
        """Count lines, or the arcs between them, in environments that start after this call."""
        self._arcs = arcs

    def setting(self, version: str, site_packages: Path | None) -> Measuring | None:
        """Return the counting settings for an environment with this Python and these packages (None for
        ours).
        """
        if self._arcs is None:
            return None
        return {"arcs": self._arcs, "extension": _extension(version, site_packages)}

    def add(self, function: str, ran: RanByFile) -> None:
        """Add a function's executed lines, by its deployed name."""
        with self._lock:
            files = self._ran.setdefault(function, {})
            for file, found in ran.items():
                files.setdefault(file, set()).update(
                    each if isinstance(each, int) else (each[0], each[1]) for each in found
                )

    def all(self) -> Mapping[str, Mapping[str, Ran]]:
        """Return the lines executed since the last `clear`, by function and file."""
        with self._lock:
            return {
                name: {file: sorted(found) for file, found in files.items()}
                for name, files in self._ran.items()
            }

    def clear(self) -> None:
        """Discard the executed lines."""
        with self._lock:
            self._ran.clear()


@functools.cache
def _extension(version: str, site_packages: Path | None) -> str:
    """Find coverage.py's compiled tracer without importing anything. Return "" if it is not installed."""
    if site_packages is None:
        spec = importlib.util.find_spec("coverage")
        if spec is None or spec.origin is None:
            return ""
        folder = Path(spec.origin).parent
    else:
        folder = site_packages / "coverage"
    tag = f"tracer.cpython-{version.replace('.', '')}-"
    found = [each for each in sorted(folder.glob("tracer.*")) if each.name.startswith(tag)]
    return str(found[0]) if found else ""
