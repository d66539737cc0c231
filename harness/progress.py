"""The state of a scenario while it is under way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.notes import Note
from harness.report.model import Broke


@dataclass
class Progress:
    """A scenario under way.

    `timings_s`: seconds of each stage. `renamed`: buckets whose names others have, and their names here.
    """

    timings_s: dict[str, float] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    broke: Broke = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time that is spent in it to that of a stage."""
        begin = time.monotonic()
        try:
            yield
        finally:
            self.timings_s[name] = self.timings_s.get(name, 0.0) + time.monotonic() - begin
