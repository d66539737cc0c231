"""Hints: lines for a scenario, or the reason why there are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from harness.json_types import Json


@dataclass(frozen=True)
class Hint:
    """Lines to add to a scenario. `why` is the reason if there are none, as a sentence.

    `scenario` is the file to which the lines belong. `run` is the number of the run whose input is to be
    replaced with `input` (JSON text, or "" to keep it).
    """

    scenario: str = ""
    faults: tuple[Mapping[str, Json], ...] = ()
    run: int = 0
    input: str = ""
    why: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines, in YAML."""
        lines = ["faults:", *(f"  - {_flow(fault)}" for fault in self.faults)] if self.faults else []
        if self.input:
            lines.append(f"run: {{input: {self.input}}}")
        return tuple(lines)


def _flow(fault: Mapping[str, Json]) -> str:
    return "{" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in fault.items()) + "}"


class No(Exception):
    """The error for a hint that cannot be generated. The message gives the reason."""
