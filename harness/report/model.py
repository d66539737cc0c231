"""The value that reports show: one result per scenario."""

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
"""The one that broke down in a scenario that is an error: nobody, the engine, or the harness (a bug)."""


@dataclass(frozen=True)
class Result:
    """The end of one scenario on one engine.

    `failed`: `mismatches` say why. `skipped`: `reason` says which capability the engine lacks. `error`: the
    scenario did not come to an end that could be compared (`reason`, several lines possible, for example a
    time-out with where each execution stands); then `observation` may be None or partial.
    `broke` says who broke down, if that is why it is an error.
    `timings_s` maps a stage (`seed`, `deploy`, `run`, `observe`) to its seconds.
    `reproduce` is the one command that runs this scenario again. `notes` are shown once per report.
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
        """The exit code of a command that ends like this."""
        if self.broke:
            return BUG if self.broke == "harness" else NO_ENGINE
        return FAILED if self.outcome in ("failed", "error") else PASSED
