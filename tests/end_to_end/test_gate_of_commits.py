"""The gate's verdicts on report commits: the effects of a change are found at its line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from update_projects import SCENARIO, Copy

from harness.cli import main
from harness.gate.parts import PARTS

pytestmark = pytest.mark.thorough  # each runs a scenario on two stacks


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A committed copy of the project. Its gate skips cfn-lint and sweeps."""
    made = Copy(tmp_path / "project")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "as it is"]):
        identity = ["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", made.folder, *identity, *command], check=True)
    monkeypatch.chdir(made.folder)
    left = {"lint", "sweep", "coverage"}
    monkeypatch.setattr("harness.cli.gate.PARTS", tuple(part for part in PARTS if part.name not in left))
    return made


def found(folder: Path) -> set[tuple[str, str, int]]:
    """The rules, files and lines of the gate's findings."""
    main(["gate", "--base", "HEAD", "--json", str(folder / "gate.json"), "-n", "1", SCENARIO])
    document = json.loads((folder / "gate.json").read_text())
    assert not [part for part in document["parts"] if part["verdict"] == "not done"]
    return {(each["rule"], each["file"], each["line"]) for each in document["findings"]}


def line(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text().splitlines()
    return next(number for number, each in enumerate(lines, 1) if text in each)


def test_a_comment_changes_nothing(copy: Copy) -> None:
    copy.template("Resources:\n  # Data: the numbers", "Resources:\n  # Here: Data: the numbers")
    assert found(copy.folder) == set()


def test_a_call_that_is_made_twice_is_found_where_the_code_changed(copy: Copy) -> None:
    copy.code(
        "describe_execution",
        '    status = execution["status"]\n    if status in RUNNING:',
        '    status = execution["status"]\n'
        "    if sfn.describe_execution(executionArn=execution_arn) and status in RUNNING:",
    )
    file = "lambdas/src/usage_report/describe_execution.py"
    assert ("behaviour-changed", file, line(copy.folder, file, "and status in RUNNING")) in found(copy.folder)


def test_what_is_under_way_and_meets_another_name_of_a_field_is_found(copy: Copy) -> None:
    for module in ("progress", "rows", "list_objects"):
        copy.edit(f"lambdas/src/usage_report/{module}.py", '"extensions"', '"by_extension"', everywhere=True)
    file = "lambdas/src/usage_report/list_objects.py"
    place = ("update-violation", file, line(copy.folder, file, '"by_extension"'))
    assert found(copy.folder) == {place}
