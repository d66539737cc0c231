"""The data that reports show: one result per scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.exit_codes import BUG, FAILED, NO_ENGINE, PASSED
from harness.expect.model import Mismatch
from harness.notes import Note
from harness.observe.model import Observation
from harness.scenario.model import Scenario

Outcome = Literal["passed", "failed", "skipped", "error"]
Broke = Literal["", "engine", "harness"]
"""The component that caused a scenario's error: none, the engine, or the harness (a bug)."""


@dataclass(frozen=True)
class Result:
    """The result of one scenario on one engine.

    `failed`: `mismatches` say why. `skipped`: `reason` names the feature that the engine does not support.
    `error`: the scenario did not reach an end that can be compared. `reason` says why, possibly on several
    lines, for example a timeout with the position of each execution. `observation` may then be None or
    partial. `broke` is the component that caused the error, if any. `timings_s` maps a stage (`seed`,
    `deploy`, `run`, `observe`) to its seconds. `reproduce` is the command that reruns this scenario. `notes`
    are shown once per report.
    """

    scenario: Scenario
    engine: str
    outcome: Outcome
    duration_s: float
    mismatches: tuple[Mismatch, ...] = ()
    observation: Observation | None = None
    reason: str = ""
    reproduce: str = ""
    timings_s: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    broke: Broke = ""

    @property
    def exit_code(self) -> int:
        """The exit code for a command with this outcome."""
        if self.broke:
            return BUG if self.broke == "harness" else NO_ENGINE
        return FAILED if self.outcome in ("failed", "error") else PASSED
