"""The state of a scenario while it is under way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.notes import Note
from harness.report.model import Broke


@dataclass
class Progress:
    """A scenario under way.

    `timings_s`: seconds of each stage. `renamed`: buckets whose names others have, and their names here.
    `template`: the file that was deployed. `told` gets the name of each stage when it begins.
    """

    timings_s: dict[str, float] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    broke: Broke = ""
    template: Path | None = None
    told: Callable[[str], object] = lambda _: None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time that is spent in it to that of a stage."""
        self.told(name)
        begin = time.monotonic()
        try:
            yield
        finally:
            self.timings_s[name] = self.timings_s.get(name, 0.0) + time.monotonic() - begin
