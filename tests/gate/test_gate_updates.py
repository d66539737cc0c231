"""Violations of updates under way as findings of the gate."""

from __future__ import annotations

from dataclasses import replace

from harness.gate.updates import VIOLATED, findings
from harness.sweep.updates.model import Event, Swept, Trial, Verdict

FIRST, SECOND = Event(2, "run-1 2 A", 1), Event(4, "run-1 4 B", 2)
SWEPT = Swept(
    "scenarios/x.yaml",
    "main",
    5,
    3,
    False,
    (
        Verdict(Trial(FIRST), "violation", ("it failed", "and said so")),
        Verdict(Trial(SECOND), "violation", ("it failed", "and said so")),
        Verdict(Trial(FIRST, SECOND), "same"),
    ),
    1.0,
)


def test_what_is_the_same_at_several_events_is_one_finding_with_its_command() -> None:
    (found,) = findings(SWEPT)
    assert found.rule == VIOLATED
    assert found.subject == "scenarios/x.yaml: run-1 2 A"
    assert found.message == ("scenarios/x.yaml: updated from main after run-1 2 A and at 1 more: it failed")
    assert found.details == ("and said so",)
    assert "harness sweep scenarios/x.yaml --update-from main --point 'run-1 2 A'" in found.remedy


def test_without_violations_there_is_none() -> None:
    assert list(findings(replace(SWEPT, verdicts=SWEPT.verdicts[2:]))) == []
