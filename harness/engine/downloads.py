"""Reports pip's progress from its output: the current download and the total size so far."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

Told: TypeAlias = Callable[[str], object]

_DOWNLOADING: Final = re.compile(r"\s*(?:Downloading|Using cached) (\S+)(?: \(([\d.]+) (bytes|[kMG]B)\))?")
_COLLECTING: Final = re.compile(r"(?:Collecting|Requirement already satisfied:) (\S+)")
_BYTES: Final = {"bytes": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}
_METADATA: Final = ".metadata"


class Downloads:
    """Reads pip's output line by line, and reports each step: `3 of 40: moto-5.whl (6.4 MB), 7.1 MB so far`.

    `packages` is the minimum number of packages, because the requested packages may have dependencies.
    """

    def __init__(self, packages: int, told: Told) -> None:
        self._packages: Final = packages
        self.told: Final = told
        self._names: set[str] = set()
        self._bytes = 0.0

    def hear(self, line: str) -> None:
        """Process a line."""
        if collecting := _COLLECTING.match(line):
            name = re.split(r"[=<>!~\[;(]", collecting[1])[0].lower()
            self._names.add(name)
            self.told(f"{self._far()}: {name}")
        elif found := _DOWNLOADING.match(line):
            file = found[1].rpartition("/")[2]
            if file.endswith(_METADATA):
                return
            size = f" ({found[2]} {found[3]})" if found[2] else ""
            so_far = f", {self._bytes / 1e6:.1f} MB so far" if self._bytes else ""
            self._bytes += float(found[2]) * _BYTES[found[3]] if found[2] else 0.0
            self.told(f"{self._far()}: {file}{size}{so_far}")
        elif line.startswith("Installing collected packages"):
            self.told(f"{self._bytes / 1e6:.1f} MB downloaded, unpacking {len(self._names)} packages")

    def _far(self) -> str:
        return f"{len(self._names)} of {max(self._packages, len(self._names))}"
