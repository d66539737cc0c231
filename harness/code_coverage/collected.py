"""The executed lines of functions' code, and notes about excluded code."""

from __future__ import annotations

from collections.abc import Mapping

from harness.functions.shared.model import Ran
from harness.observe.model import Observation


class Collected:
    """The lines executed so far, by the absolute paths of the project's files."""

    def __init__(self) -> None:
        self._lines: dict[str, set[int | tuple[int, int]]] = {}
        self._not_measured: dict[str, None] = {}

    def add(self, seen: Observation) -> None:
        """Add a scenario's executed lines."""
        for path, ran in seen.lines.items():
            self._lines.setdefault(path, set()).update(ran)
        self._not_measured.update(dict.fromkeys(seen.not_measured))

    @property
    def lines(self) -> Mapping[str, Ran]:
        """Return the lines, or arcs between lines, by file."""
        return {path: sorted(ran) for path, ran in self._lines.items()}

    @property
    def not_measured(self) -> tuple[str, ...]:
        """Return notes about functions whose code is excluded."""
        return tuple(self._not_measured)
