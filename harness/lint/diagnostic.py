"""A `harness lint` finding about a definition or a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.scenario.position import Position

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Diagnostic:
    """An error or warning from AWS.

    `code` is AWS's code for a definition (`MISSING_TRANSITION_TARGET`), or cfn-lint's rule for a template
    (`E3012`). `subject` identifies the object in a form that does not change when lines move:
    `/States/A/Next`, prefixed with the state machine's logical ID if a template declares it.
    """

    where: Position
    severity: Severity
    code: str
    message: str
    remedy: str = ""
    subject: str = ""

    @property
    def order(self) -> tuple[Position, str, str]:
        """Return the key for sorting diagnostics."""
        return self.where, self.code, self.message
