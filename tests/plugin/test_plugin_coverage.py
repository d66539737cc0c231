"""State machine coverage in pytest: shown once, for any number of workers."""

from __future__ import annotations

import json
from pathlib import Path

import minimal_project
import pytest
from minimal_project import PUBLISHES, scenario, write

pytest_plugins = ["pytester"]

BOTH = ("--harness-coverage-file", "c.json")


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with two machines, and a scenario for each."""
    one, two = (f"run: {{state_machine: {name}}}\n" for name in ("Publish", "Nothing"))
    minimal_project.project(pytester.path, a=scenario(more=one), b=scenario(more=two))
    write(pytester.path, {"template.yaml": PUBLISHES})
    return pytester


def _hits(folder: Path) -> dict[str, int]:
    machines = json.loads((folder / "c.json").read_text())["machines"]
    return {machine["name"]: machine["covered"] for machine in machines}


@pytest.mark.parametrize("workers", [pytest.param("0", marks=pytest.mark.thorough), "2"])
def test_what_all_workers_reached_is_shown_once(project: pytest.Pytester, workers: str) -> None:
    result = project.runpytest_subprocess("-n", workers, *BOTH, "--harness-coverage-min", "100")
    result.assert_outcomes(passed=2)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*harness: coverage of state machines*", "*100.0 % (3 of 3)*"])
    assert _hits(project.path) == {"Nothing": 1, "Publish": 2}


def test_less_than_what_is_asked_for_fails_the_session(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--harness-coverage-min", "90", "scenarios/a.yaml")
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*66.7 %, less than the required 90 %*"])


def test_runs_of_tests_count(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from harness.pytest_plugin import stack_fixture

        publish = stack_fixture("template.yaml", state_machine="Publish")

        def test_it(publish, harness_run):
            assert harness_run({}, stack=publish).execution.status == "SUCCEEDED"
        """
    )
    project.runpytest_subprocess(*BOTH, "-k", "test_it").assert_outcomes(passed=1)
    assert _hits(project.path) == {"Nothing": 0, "Publish": 2}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--harness-coverage-file", "c.txt"), "*c.txt is not a coverage report*"),
        (("--harness-coverage-min", "101"), "*101 is invalid; use a number from 0 to 100*"),
    ],
)
def test_what_cannot_be_is_refused(project: pytest.Pytester, arguments: tuple[str, str], said: str) -> None:
    result = project.runpytest_subprocess(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])
