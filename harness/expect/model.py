"""Mismatches, each with the place in the scenario file that asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.scenario.position import Position


@dataclass(frozen=True)
class Mismatch:
    """One difference between what a scenario expects and what was observed.

    `expectation` is the YAML key (`items`), `where` its place in the file, `subject` its topic in the user's
    words ("table OrdersTable"; may be empty), `summary` one line that can stand alone. `expected` and `seen`
    are ready to print, possibly of several lines (the report shows a diff).
    `remedy` is what would make it right, ready to paste, where that is known.
    """

    expectation: str
    where: Position
    summary: str
    expected: str = ""
    seen: str = ""
    subject: str = ""
    run: str = ""
    remedy: str = ""
