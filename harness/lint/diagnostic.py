"""A finding of `harness lint`: of a definition or a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.scenario.position import Position

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Diagnostic:
    """Something that AWS refuses, or warns of.

    `code` is AWS's for a definition (`MISSING_TRANSITION_TARGET`), cfn-lint's rule for a template (`E3012`).
    `subject` names what it is about in words that do not change when lines move: `/States/A/Next`, with the
    state machine's logical id in front where a template declares it.
    """

    where: Position
    severity: Severity
    code: str
    message: str
    remedy: str = ""
    subject: str = ""

    @property
    def order(self) -> tuple[Position, str, str]:
        """The key by which diagnostics are sorted."""
        return self.where, self.code, self.message
