"""Mismatches with their positions in the scenario file."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scenario.position import Position


@dataclass(frozen=True)
class Mismatch:
    """A difference between a scenario's expectation and the observation.

    `expectation` is the YAML key (`items`), and `where` is its position in the file. `subject` is its topic
    in the user's terms ("table OrdersTable"; may be empty). `summary` is a self-explanatory line. `expected`
    and `seen` are formatted for printing and may span several lines (the report shows a diff). `remedy` is a
    correction that is ready to paste, if known.
    """

    expectation: str
    where: Position
    summary: str
    expected: str = ""
    seen: str = ""
    subject: str = ""
    run: str = ""
    remedy: str = ""
