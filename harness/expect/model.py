"""Mismatches with their positions in the scenario file."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scenario.position import Position


@dataclass(frozen=True)
class Mismatch:
    """One difference between a scenario's expectation and the observation.

    `expectation` is the YAML key (`items`), `where` its position in the file. `subject` is its topic in the
    user's words ("table OrdersTable"; may be empty). `summary` is one line that is understandable alone.
    `expected` and `seen` are ready to print, possibly with several lines (the report shows a diff).
    `remedy` is a correction that is ready to paste, if known.
    """

    expectation: str
    where: Position
    summary: str
    expected: str = ""
    seen: str = ""
    subject: str = ""
    run: str = ""
    remedy: str = ""
