"""Violations during updates, as findings of the gate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from minimal_project import project, scenario

from harness.expect.project import load_scenarios
from harness.gate.base import Base, BaseError
from harness.gate.updates import VIOLATED, findings, sides_from
from harness.settings_reading import load_settings
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


@pytest.mark.parametrize("has_settings", [True, False])
def test_the_base_has_its_own_settings_or_those_of_now(tmp_path: Path, has_settings: bool) -> None:
    now, before = tmp_path / "now", tmp_path / "before"
    for folder in (now, before):
        project(folder, a=scenario())
    if has_settings:
        (before / "pyproject.toml").write_text('[tool.harness]\ntemplate = "old.yaml"\nhang = "1 s"\n')
    else:
        (before / "pyproject.toml").unlink()
    settings = load_settings(now, {})
    (read,) = load_scenarios([now / "scenarios" / "a.yaml"], lambda _: settings)
    sides = sides_from(Base("main", "abc", before, before), read, settings, {})
    assert sides.old.settings.template == before / ("old.yaml" if has_settings else "template.yaml")
    assert sides.old.settings.hang == settings.hang
    assert sides.old.scenario.path == before / "scenarios" / "a.yaml"
    assert sides.new.scenario.path == read.path


def test_wrong_settings_of_the_base_name_it(tmp_path: Path) -> None:
    project(tmp_path, a=scenario())
    settings = load_settings(tmp_path, {})
    (read,) = load_scenarios([tmp_path / "scenarios" / "a.yaml"], lambda _: settings)
    (tmp_path / "pyproject.toml").write_text("[tool.harness]\ntemplate = 1\n")
    with pytest.raises(BaseError, match=r"invalid settings of main \(abc\)"):
        sides_from(Base("main", "abc", tmp_path, tmp_path), read, settings, {})
