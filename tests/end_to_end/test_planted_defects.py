"""Forty planted defects: the gate finds and explains each at its line. Harmless commits have no findings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from changed_behaviour import CHANGED_BEHAVIOUR
from defect import TWO, Defect
from gate_project import commit
from harmless import HARMLESS
from lost_data import LOST_DATA
from passed_limits import PASSED_LIMITS
from skews import SKEWS
from update_projects import Change, Copy
from wider_access import WIDER_ACCESS

from harness.engine import engine_of
from harness.expect.project import load_scenarios
from harness.gate import under_way
from harness.gate.base import Base, checked_out
from harness.gate.budget import Budget
from harness.gate.finding import Finding
from harness.gate.judged import Judge
from harness.gate.part import Context
from harness.gate.parts import PARTS
from harness.gate.running import Gate, run_parts
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.session import During, Session
from harness.settings import Settings
from harness.settings_reading import load_settings

pytestmark = pytest.mark.thorough  # each runs scenarios on two stacks

KINDS = {
    "data loss": (LOST_DATA, 8),
    "access": (WIDER_ACCESS, 8),
    "skew": (SKEWS, 10),
    "limits": (PASSED_LIMITS, 6),
    "behaviour": (CHANGED_BEHAVIOUR, 8),
}
DEFECTS = {name: defect for table, _ in KINDS.values() for name, defect in table.items()}


class Played(Session):
    """A session that runs each scenario once on the current deployment."""

    def __init__(self, settings: Settings, base: Path) -> None:
        super().__init__(engine_of(settings), definitions=True)
        self._base = base
        self._known: dict[str, Result] = {}

    def run(self, scenario: Scenario, settings: Settings, during: During | None = None) -> Result:
        if during is not None:
            return super().run(scenario, settings, during)
        if not settings.root.is_relative_to(self._base.resolve()):
            return super().run(scenario, settings)
        if scenario.path.name not in self._known:
            self._known[scenario.path.name] = super().run(scenario, settings)
        return self._known[scenario.path.name]


@dataclass
class Deployed:
    """The project as currently deployed, in a repository."""

    copy: Copy
    base: Base
    session: Played

    def found(
        self, change: Change, parts: tuple[str, ...], scenarios: tuple[str, ...], folder: Path
    ) -> list[Finding]:
        """Findings from some parts of the gate for a changed copy."""
        shutil.copytree(self.copy.folder, folder)
        copy = Copy.__new__(Copy)
        copy.folder = folder
        change(copy)
        settings = load_settings(folder, {})
        context = Context(
            settings,
            lambda _: settings,
            Judge(settings.gate),
            Budget(None),
            lambda scenarios: (self.session.run(each, settings) for each in scenarios),
            base=self.base,
        )
        context.scenarios = load_scenarios([folder / each for each in scenarios], lambda _: settings)
        gate = Gate()
        run_parts([part for part in PARTS if part.name in parts], context, gate)
        assert not [left for report in gate.reports for left in report.left]
        return [each.finding for each in gate.found]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    copy = Copy(tmp_path_factory.mktemp("deployed") / "project")
    (copy.folder / ".gitignore").write_text("__pycache__\n")
    commit(copy.folder)
    with (
        checked_out(copy.folder, "HEAD") as base,
        Played(load_settings(copy.folder, {}), base.folder) as session,
    ):
        yield Deployed(copy, base, session)


@pytest.fixture(autouse=True)
def shared(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate runs in the existing session."""
    monkeypatch.setattr(under_way, "Session", lambda *_, **__: nullcontext(deployed.session))


def test_the_table_has_as_many_of_each_kind_as_it_is_to_have() -> None:
    assert {kind: len(table) for kind, (table, _) in KINDS.items()} == {k: n for k, (_, n) in KINDS.items()}
    assert len(DEFECTS) == 40


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found_at_its_line(
    name: str, deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    defect: Defect = DEFECTS[name]
    choose = under_way.trials
    monkeypatch.setattr(
        under_way, "trials", lambda events, *, in_halves: choose(events, defect.point, in_halves=in_halves)
    )
    folder = tmp_path / "project"
    findings = deployed.found(defect.plant, defect.parts, defect.scenarios, folder)
    copy = Copy.__new__(Copy)
    copy.folder = folder
    file, line = defect.place(copy, deployed.copy)
    told = [
        (each.rule.id, name_of(each, folder), each.line, each.message)
        for each in findings
        if each.file is not None
    ]
    expected = (defect.rule, file, line)
    shown = "\n".join(map(str, (expected, *told)))
    assert any(each[:3] == expected and defect.says in each[3] for each in told), shown


def name_of(finding: Finding, folder: Path) -> str:
    assert finding.file is not None
    return finding.file.resolve().relative_to(folder.resolve()).as_posix()


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_commit_has_no_finding(name: str, deployed: Deployed, tmp_path: Path) -> None:
    parts = (
        "data loss",
        "access",
        "definitions",
        "scenarios",
        "made definitions",
        "access in use",
        "behaviour",
    )
    assert deployed.found(HARMLESS[name], parts, TWO, tmp_path / "project") == []
