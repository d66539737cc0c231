"""Changes in the report's behaviour between two commits, by running both."""

from __future__ import annotations

from pathlib import Path

import pytest
from update_projects import SCENARIO, Change, Copy

from harness.expect.project import load_scenarios
from harness.gate.both_sides import compared_on
from harness.pytest_plugin import harness_session
from harness.settings_reading import load_settings
from harness.sweep.updates.sweep import sides_of


def subjects(change: Change, folder: Path, request: pytest.FixtureRequest) -> list[str]:
    old, new = Copy(folder / "old"), Copy(folder / "new")
    change(new)
    settings = load_settings(new.folder, {})
    (scenario,) = load_scenarios([new.folder / SCENARIO], lambda _: settings)
    sides = sides_of(scenario, settings, load_settings(old.folder, {}), "HEAD")
    found = compared_on(harness_session(request.config), sides)
    return [finding.message.removeprefix(f"{scenario.path}: ") for finding in found.findings]


@pytest.mark.thorough
def test_an_unchanged_commit_has_no_line(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert subjects(lambda _: None, tmp_path, request) == []


@pytest.mark.thorough
def test_more_memory_is_one_line(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    def change(new: Copy) -> None:
        block = new.block("CreateMessageFunction")
        new.template(block, block.replace("MemorySize: 512", "MemorySize: 1024"))

    assert subjects(change, tmp_path, request) == [
        "GB-seconds of CreateMessageFunction: 0.1 before, 0.2 now (+0.1, +100%); cold starts included"
    ]


@pytest.mark.thorough
def test_a_call_that_is_made_twice_is_one_line(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    def change(new: Copy) -> None:
        new.code(
            "describe_execution",
            '    status = execution["status"]\n    if status in RUNNING:',
            '    status = execution["status"]\n'
            "    if sfn.describe_execution(executionArn=execution_arn) and status in RUNNING:",
        )

    (line,) = subjects(change, tmp_path, request)
    assert line == "calls of stepfunctions:DescribeExecution: 2 before, 4 now (+2, +100%)"


@pytest.mark.thorough
def test_a_scenario_that_the_base_cannot_play_is_listed(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    def change(new: Copy) -> None:
        old = tmp_path / "old" / "lambdas" / "template.yaml"
        old.write_text(old.read_text().replace("  Orchestrator:\n", "  Conductor:\n"))

    (line,) = subjects(change, tmp_path, request)
    assert "cannot be compared on HEAD:" in line
