"""A hint: lines of a scenario, and why there may be none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from harness.json_types import Json


@dataclass(frozen=True)
class Hint:
    """Lines that are added to a scenario; `why` says in a sentence why there are none.

    `scenario` is the file that they are pasted into, `run` the number of the run whose input is `input`
    (JSON text, "" to leave it).
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
    """Nothing can be generated; the message says why."""
