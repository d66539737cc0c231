"""Findings with the levels that the project's settings assign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final, Literal

from harness.acceptance import Acceptance, like
from harness.gate.finding import Finding, Level, Rule
from harness.gate_settings import GateSettings

Outcome = Literal["error", "warning", "note", "accepted", "off"]
ORDER: Final[tuple[Level, ...]] = ("error", "warning", "note")


@dataclass(frozen=True)
class Judged:
    """A finding. `part` is the part that reported it. `accepted` is the matching entry in the settings."""

    finding: Finding
    level: Level
    part: str = ""
    accepted: Acceptance | None = None

    @property
    def fails(self) -> bool:
        """Return whether the finding makes the gate exit with 1."""
        return self.level == "error" and self.accepted is None

    @property
    def text(self) -> str:
        """Return the finding in one line without its location: `rule: message; remedy`."""
        remedy = f"; {self.finding.remedy}" if self.finding.remedy else ""
        return f"{self.finding.rule.id}: {self.finding.message}{remedy}"


class Judge:
    """Assigns levels to findings.

    Args:
        settings: `[tool.harness.gate]`.
        accepted: the entries in the settings and the baseline that specify rules.
        harness: the harness version. Default: the installed version.
    """

    def __init__(
        self, settings: GateSettings, accepted: Sequence[Acceptance] = (), harness: str = ""
    ) -> None:
        self._settings = settings
        self._accepted = tuple(entry for entry in accepted if entry.rule)
        self._harness = minor(harness or version("stepfunctions-harness"))
        self.used: set[Acceptance] = set()
        """The entries that matched a finding."""

    @property
    def accepted(self) -> tuple[Acceptance, ...]:
        """Return the entries that specify rules."""
        return self._accepted

    def judge(self, finding: Finding, part: str = "") -> Judged | None:
        """Assign a level to a finding. None if its rule is off."""
        if any(like(pattern, finding.rule.id) for pattern in self._settings.off):
            return None
        fitting = [entry for entry in self._accepted if entry.fits(finding.rule.id, finding.subject)]
        self.used.update(fitting)
        return Judged(finding, self.level(finding.rule), part, fitting[0] if fitting else None)

    def level(self, rule: Rule) -> Level:
        """Return the level for a rule's findings: the level in the settings, or the rule's own.

        A rule that is newer than the version that the project adopted only warns during the minor release
        that introduced it.
        """
        if any(like(pattern, rule.id) for pattern in self._settings.fail):
            return "error"
        if any(like(pattern, rule.id) for pattern in self._settings.warn):
            return "warning"
        brought = minor(rule.since)
        if rule.level == "error" and minor(self._settings.since) < brought == self._harness:
            return "warning"
        return rule.level


def minor(text: str) -> tuple[int, int]:
    """Return the major and minor number of a version: (0, 1) for `0.1.2`."""
    numbers = [int(part) for part in text.split(".")[:2]]
    return numbers[0], numbers[1] if len(numbers) > 1 else 0
