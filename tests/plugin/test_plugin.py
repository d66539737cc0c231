"""Scenarios as pytest items, in a separate project."""

from __future__ import annotations

from pathlib import Path

import minimal_project
import pytest
from minimal_project import OWN, scenario, write

from harness.engine.cleanup import inventory
from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine

pytest_plugins = ["pytester"]

PYTEST_INI = (
    '[tool.harness]\ntemplate = "template.yaml"\n[tool.pytest.ini_options]\naddopts = "--strict-markers"\n'
)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a passing scenario, a failing scenario, and other YAML files."""
    good, bad = scenario(more="tags: [happy]\n"), scenario("It should fail", "FAILED", "tags: [sad]\n")
    minimal_project.project(pytester.path, a=good, b=bad)
    ini = '[tool.pytest.ini_options]\naddopts = "--strict-markers"\n'
    write(
        pytester.path, {"pyproject.toml": minimal_project.PYPROJECT + ini, "other/config.yaml": "not: one\n"}
    )
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_subprocess(*arguments)


def test_items_are_named_after_file_and_title_and_other_files_are_left_alone(
    project: pytest.Pytester,
) -> None:
    result = run(project, "--collect-only", "-q")
    result.stdout.fnmatch_lines(["scenarios/a.yaml::It succeeds", "scenarios/b.yaml::It should fail"])
    result.stdout.no_fnmatch_line("*config.yaml*")


def test_a_failure_is_explained_without_a_traceback_and_runs_alone_the_next_time(
    project: pytest.Pytester,
) -> None:
    result = run(project, "--junitxml", "r.xml")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*scenarios/b.yaml:4: execution: expected FAILED, seen SUCCEEDED*", "*> 4 |*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    assert Path("r.xml").read_text().count("<testcase") == 2
    run(project, "--lf", "-x").assert_outcomes(failed=1)


@pytest.mark.parametrize("selection", [("-m", "happy"), ("-k", "succeeds")])
def test_tags_are_marks_and_titles_are_keywords(project: pytest.Pytester, selection: tuple[str, str]) -> None:
    result = run(project, "--collect-only", "-q", *selection)
    result.stdout.fnmatch_lines(["scenarios/a.yaml::It succeeds", "1/2 tests collected (1 deselected)*"])


@pytest.mark.thorough
def test_two_workers_have_an_engine_each(project: pytest.Pytester) -> None:
    run(project, "-n", "2").assert_outcomes(passed=1, failed=1)


def test_a_worker_has_removed_what_it_made_when_it_says_that_it_finished(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import os
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_unconfigure(config):
            if hasattr(config, "workerinput"):
                os._exit(0)  # as a worker is killed that takes its time
        """
    )
    moto = MotoEngine()
    try:
        clients = Clients(moto.start())
        moto.admit(anybody=True, origins=())
        shared = ("--harness-engine", "endpoint", "--harness-endpoint-url", clients.endpoint.url)
        run(project, "-n", "1", *shared, "scenarios/a.yaml").assert_outcomes(passed=1)
        assert not inventory(clients)
    finally:
        moto.stop()


def test_a_broken_file_is_a_collection_error_with_places(project: pytest.Pytester) -> None:
    project.path.joinpath("scenarios", "c.yaml").write_text("titel: x\nexpect: {machines: {left: []}}\n")
    result = run(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*scenarios/c.yaml:1:1: unknown key 'titel'; did you mean 'title'?*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_own_expectations_are_those_of_scenarios_and_a_wrong_file_is_a_collection_error(
    project: pytest.Pytester,
) -> None:
    project.makepyprojecttoml(PYTEST_INI.replace("[tool.pytest", 'expectations = "own.py"\n[tool.pytest'))
    project.path.joinpath("own.py").write_text(OWN)
    written = scenario("It passes two states").replace("expect:", "expect:\n  states: 2")
    project.path.joinpath("scenarios", "b.yaml").write_text(written)
    result = run(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*b.yaml:3: states: expected 2, seen 1*"])
    project.path.joinpath("own.py").write_text(f"{OWN}nosuch\n")
    result = run(project)
    result.assert_outcomes(errors=2)
    place = f"{project.path / 'own.py'}:{OWN.count(chr(10)) + 1}"
    result.stdout.fnmatch_lines([f"*{place}: NameError: name 'nosuch' is not defined; *"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_an_unknown_engine_is_told(project: pytest.Pytester) -> None:
    result = run(project, "--harness-engine", "nosuch")
    assert "unknown engine 'nosuch'; known: moto" in result.stdout.str() + result.stderr.str()
    assert result.ret != 0


BREAKS = """\
import harness.session

works, calls = harness.session.observe, []

def observe(*arguments):
    calls.append(1)
    if len(calls) == 1:
        raise LookupError("nobody foresaw it")
    return works(*arguments)

harness.session.observe = observe
"""


def test_an_exception_is_the_error_of_one_item_and_the_others_run(project: pytest.Pytester) -> None:
    write(project.path, {"conftest.py": BREAKS, "scenarios/b.yaml": scenario("It succeeds, too")})
    result = run(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "ERROR  scenarios/a.yaml on moto, *",
            "*LookupError: nobody foresaw it",
            "*This is a bug in the harness.*",
        ]
    )
