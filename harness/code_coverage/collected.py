"""The lines of functions' code that scenarios have run, and the sentences about code that is left out."""

from __future__ import annotations

from collections.abc import Mapping

from harness.functions.shared.model import Ran
from harness.observe.model import Observation


class Collected:
    """All that has run so far, by the absolute paths of the project's files."""

    def __init__(self) -> None:
        self._lines: dict[str, set[int | tuple[int, int]]] = {}
        self._not_measured: dict[str, None] = {}

    def add(self, seen: Observation) -> None:
        """Add what a scenario has run."""
        for path, ran in seen.lines.items():
            self._lines.setdefault(path, set()).update(ran)
        self._not_measured.update(dict.fromkeys(seen.not_measured))

    @property
    def lines(self) -> Mapping[str, Ran]:
        """The lines, or arcs between lines, by files."""
        return {path: sorted(ran) for path, ran in self._lines.items()}

    @property
    def not_measured(self) -> tuple[str, ...]:
        """Sentences about functions whose code is left out."""
        return tuple(self._not_measured)
