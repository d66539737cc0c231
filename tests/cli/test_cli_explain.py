"""`harness explain`: its arguments, and the command shown at the end of failures."""

from __future__ import annotations

import json
from pathlib import Path

import minimal_project
import pytest
from minimal_project import scenario

from harness.cli import main
from harness.cli.arguments import parsers
from harness.cli.explain import explanation
from harness.exit_codes import FAILED, MEANINGS, PASSED, WRONG
from harness.expect import BUILT_IN
from harness.explaining import pages
from harness.gate.parts import LAST, PARTS
from harness.limits.table import LIMITS

ALWAYS_CHECKED = (
    "answers",
    "calls",
    "durations",
    "faults",
    "hosts",
    "limits",
    "permissions",
    "tasks",
    "twice",
)
"""Names of mismatches that have no matching key in `expect`."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one failing scenario."""
    monkeypatch.chdir(tmp_path)
    wrong = scenario("It fails").replace("expect:", "expect:\n  messages: [{subject: never sent}]", 1)
    return minimal_project.project(tmp_path, a=wrong)


@pytest.mark.parametrize(
    "code",
    [
        *pages(),
        *(each.key for each in BUILT_IN),
        *ALWAYS_CHECKED,
        *(rule.id for part in (*PARTS, LAST) for rule in part.rules),
        *(limit.id for limit in LIMITS),
        *map(str, MEANINGS),
    ],
)
def test_every_code_has_an_explanation(code: str) -> None:
    first, *others = explanation(code)
    assert first.endswith(".")
    assert any(others)


def test_several_codes_are_explained_and_case_does_not_matter(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "states.timeout", "3"]) == PASSED
    said = capsys.readouterr().out
    assert said.startswith("States.Timeout: ")
    assert "\n\nexit code 3: " in said


def test_a_message_is_explained_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "a.yaml:3:1: unknown key 'sed'; did you mean 'seed'?"]) == PASSED
    assert capsys.readouterr().out.startswith("scenario-unknown-key: ")


def test_all_codes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == PASSED
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()[: len(pages())]]
    assert listed == list(pages())


def test_an_unknown_code_is_named_with_the_closest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "States.Timeuot", "twice"]) == WRONG
    out, error = capsys.readouterr()
    assert out.startswith("twice: ")
    assert error.startswith("no explanation of 'States.Timeuot'; did you mean States.Timeout?\n")


@pytest.mark.usefixtures("kept_engines")
def test_a_failure_ends_with_the_command_that_explains_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--json", "r.json"]) == FAILED
    assert "\n  for more: harness explain messages\n" in capsys.readouterr().out
    (result,) = json.loads((project / "r.json").read_text())["results"]
    assert result["codes"] == ["messages"]


def test_an_error_of_a_command_ends_with_the_command_that_explains_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "scenarios" / "a.yaml").write_text("title: A\nexpct: {}\nexpect: {}\n")
    assert main(["validate"]) == WRONG
    assert capsys.readouterr().err.splitlines()[-1] == "for more: harness explain scenario-unknown-key"


def test_a_broken_project_does_not_matter_for_what_the_harness_itself_knows(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text("[tool.harness]\nexpectations = 'gone.py'\n")
    assert main(["explain", "items", "3", "unknown key 'x'"]) == PASSED
    assert capsys.readouterr().err == ""
    assert main(["explain", "orders"]) == WRONG
    assert "gone.py" in capsys.readouterr().err


def test_the_help_lists_the_command() -> None:
    assert "explain" in parsers()[1].choices
