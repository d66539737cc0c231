"""The gate part `histories`: recorded executions against the current definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from exported import execute, history
from gate_project import Clock
from minimal_project import PYPROJECT, TEMPLATE, write

from harness.gate.budget import Budget
from harness.gate.finding import Finding
from harness.gate.part import Context
from harness.gate.parts import PARTS
from harness.gate.replaying import HISTORIES, replay
from harness.projects import Projects

DEFINITION = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    kept = json.dumps(history(execute(DEFINITION)))
    files = {"pyproject.toml": PYPROJECT, "template.yaml": TEMPLATE}
    return write(tmp_path, {**files, "histories/a.json": kept, "histories/b.json": kept})


def found(folder: Path, budget: Budget | None = None) -> tuple[list[Finding], Context]:
    projects = Projects({})
    settings = projects.of(folder)
    context = Context(
        settings, projects.of, cast(Any, None), budget or Budget(None), lambda _: iter(()), invalid=""
    )
    return list(replay(context)), context


def test_it_is_a_part_before_anything_is_played():
    names = [part.name for part in PARTS]
    assert names.index(HISTORIES.name) < names.index("scenarios")


def test_histories_that_are_the_same_are_no_findings(folder):
    findings, context = found(folder)
    assert (findings, context.left) == ([], [])


def test_one_that_differs_and_one_that_cannot_be_read(folder):
    (folder / "histories/c.json").write_text("[]")
    (folder / "template.yaml").write_text(TEMPLATE.replace('"Done"', '"Finished"'))
    first, _, third = found(folder)[0]
    assert (first.rule.id, first.subject) == ("history-differs", "histories/a.json")
    assert first.message == (
        "histories/a.json: event 2, state 'Done': expected SucceedStateEntered 'Done', "
        "seen SucceedStateEntered 'Finished'"
    )
    assert first.remedy.startswith(
        "replay it with: harness replay histories/a.json; accept an intended change"
    )
    assert first.place.endswith("template.yaml:11:7")
    assert (third.rule.id, third.message) == (
        "history-not-read",
        "histories/c.json: it contains an empty list; use the output of `aws stepfunctions "
        "get-execution-history`, of `describe-execution`, or of `aws logs filter-log-events`",
    )


def test_what_the_budget_leaves_is_told_with_its_command(folder):
    clock = Clock()
    budget = Budget(1, clock)
    clock.now = 2
    findings, context = found(folder, budget)
    assert findings == []
    (left,) = context.left
    assert str(left) == "2 of 2 histories: no time is left: harness replay histories"


def test_a_project_without_histories_has_none(folder):
    for each in (folder / "histories").iterdir():
        each.unlink()
    (folder / "histories").rmdir()
    assert found(folder)[0] == []
