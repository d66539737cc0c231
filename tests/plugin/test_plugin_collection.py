"""Files that the plugin collects, without taking names from other plugins."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import minimal_project
import pytest
from minimal_project import PYPROJECT, TEMPLATE, scenario, write

pytestmark = pytest.mark.thorough  # starts many processes; one run on one Python is enough

pytest_plugins = ["pytester"]

OTHER = "services: {}\n"
LEFT = "is ignored: not a scenario, because it has no `title` and no `expect` at the top level"


def run(pytester: pytest.Pytester, files: Mapping[str, str], *arguments: str) -> pytest.RunResult:
    write(pytester.path, files)
    return pytester.runpytest_subprocess(*arguments)


def test_nothing_is_collected_where_no_table_is_above(pytester: pytest.Pytester) -> None:
    files = {
        "pyproject.toml": "[tool.other]\n",
        "scenarios/a.yaml": scenario(),
        "test_x.py": "def test(): pass",
    }
    run(pytester, files).assert_outcomes(passed=1)
    result = pytester.runpytest_subprocess("scenarios/a.yaml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = (
        "harness: scenarios/a.yaml is ignored: its parent folders, and those of the working directory, "
        "have no pyproject.toml with a [[]tool.harness] table"
    )
    result.stdout.fnmatch_lines([said])


def test_a_broken_table_elsewhere_is_nobody_s_business(pytester: pytest.Pytester) -> None:
    files = {
        "data/pyproject.toml": "[tool.x\n",
        "data/scenarios/a.yaml": OTHER,
        "test_x.py": "def test(): pass",
    }
    run(pytester, files).assert_outcomes(passed=1)


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_other_yaml_in_the_folder_is_left_alone_and_said_once(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    minimal_project.project(pytester.path, a=scenario(), compose=OTHER)
    result = run(pytester, {}, *workers)
    result.assert_outcomes(passed=1)
    assert result.stdout.str().count(f"harness: scenarios/compose.yaml {LEFT}\n") == 1


def test_a_broken_scenario_in_the_folder_does_not_vanish(pytester: pytest.Pytester) -> None:
    minimal_project.project(pytester.path, a="titel: x\nexpect: {execution: {status: SUCCEEDED}}\n")
    result = run(pytester, {})
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*scenarios/a.yaml:1:1: unknown key 'titel'; did you mean 'title'?*"])


def test_a_file_that_is_named_is_collected_if_it_is_a_scenario(pytester: pytest.Pytester) -> None:
    minimal_project.project(pytester.path)
    files = {
        "elsewhere/a.yaml": scenario(),
        "elsewhere/half.yaml": "title: x\n",
        "elsewhere/other.yaml": OTHER,
    }
    run(pytester, files).assert_outcomes()
    pytester.runpytest_subprocess("elsewhere/a.yaml").assert_outcomes(passed=1)
    for name, missing in (("half", "`expect`"), ("other", "`title` and no `expect`")):
        result = pytester.runpytest_subprocess(f"elsewhere/{name}.yaml")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        said = (
            f"harness: elsewhere/{name}.yaml is ignored: not a scenario, because it has no {missing} at "
            "the top level"
        )
        result.stdout.fnmatch_lines([said])


def test_another_plugin_may_have_a_yaml_that_is_named(pytester: pytest.Pytester) -> None:
    minimal_project.project(pytester.path)
    pytester.makeconftest(
        """
        import pytest

        class Other(pytest.File):
            def collect(self):
                yield Item.from_parent(self, name="theirs")

        class Item(pytest.Item):
            def runtest(self): pass

        def pytest_collect_file(file_path, parent):
            if file_path.suffix == ".yaml":
                return Other.from_parent(parent, path=file_path)
        """
    )
    run(pytester, {"x.yaml": OTHER}, "x.yaml").assert_outcomes(passed=1)


def test_wrong_settings_are_told_without_a_traceback(pytester: pytest.Pytester) -> None:
    minimal_project.project(pytester.path, a=scenario())
    result = run(pytester, {"pyproject.toml": f"{PYPROJECT}parameters = []\n"})
    assert result.ret != 0
    result.stdout.fnmatch_lines(
        ["*pyproject.toml: [[]tool.harness]: parameters must be a table, not an array"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_projects_below_one_root_each_have_their_own_settings(pytester: pytest.Pytester) -> None:
    for name in ("a", "b"):
        minimal_project.project(pytester.path / name, x=scenario(f"That of {name}"))
    other = {"template.yaml": TEMPLATE.replace("Machine:", "Other:"), "test_b.py": TEST_B}
    write(pytester.path / "b", {"pyproject.toml": f'{PYPROJECT}state_machine = "Other"\n', **other})
    run(pytester, {"pytest.ini": "[pytest]\n"}).assert_outcomes(passed=3)
    (pytester.path / "a" / "inner").mkdir()
    for folder, count in (("a", 1), ("b", 2), ("a/inner", 1)):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(pytester.path / folder)
            arguments = ("../scenarios/x.yaml",) if folder == "a/inner" else (".",)
            pytester.runpytest_subprocess(*arguments).assert_outcomes(passed=count)


TEST_B = """
def test_it(harness_run):
    assert "Other" in harness_run({}).execution.machine_name
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_projects_that_disagree_about_the_engine(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    for name in ("a", "b"):
        minimal_project.project(pytester.path / name, x=scenario(f"That of {name}"))
    result = run(pytester, {"b/pyproject.toml": f'{PYPROJECT}engine = "endpoint"\n'}, *workers)
    said = result.stdout.str() + result.stderr.str()
    assert result.ret != 0
    assert "the projects have different values of engine: 'moto' (default for " in said
    assert "set --harness-engine or HARNESS_ENGINE, or run each project separately" in said
    pytester.runpytest_subprocess("--harness-engine", "moto", *workers).assert_outcomes(passed=2)


@pytest.mark.parametrize("option", [("--engine", "nosuch"), ("--engine=nosuch",)])
def test_a_short_option_is_ours_where_nobody_else_has_it(
    pytester: pytest.Pytester, option: tuple[str, ...]
) -> None:
    minimal_project.project(pytester.path, a=scenario())
    result = run(pytester, {}, *option)
    assert "unknown engine 'nosuch'; known: moto" in result.stdout.str() + result.stderr.str()


OWNER = """
def pytest_addoption(parser):
    parser.addoption("--engine", type=int, help="theirs")

def pytest_report_header(config):
    return f"theirs: {config.getoption('--engine')}, ours: {config.getoption('--harness-engine')}"
"""


@pytest.mark.parametrize(
    ("file", "arguments"), [("conftest.py", ()), ("theirs.py", ("-p", "theirs"))], ids=["after", "before"]
)
def test_a_short_option_of_another_plugin_is_theirs(
    pytester: pytest.Pytester, file: str, arguments: tuple[str, ...]
) -> None:
    minimal_project.project(pytester.path, a=scenario())
    pytester.syspathinsert()
    result = run(pytester, {file: OWNER}, *arguments, "--engine", "8", "--harness-engine", "moto")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["theirs: 8, ours: moto"])


def test_modules_beside_the_tests_are_not_those_of_the_harness(pytester: pytest.Pytester) -> None:
    trap = "raise AssertionError(f'{__file__} was imported')\n"
    names = ("queue", "moto", "boto3", "yaml", "rich", "pydantic", "ruamel/__init__", "awslambdaric")
    minimal_project.project(pytester.path, a=scenario())
    test = "def test_it(harness_run): assert harness_run({}).execution.status == 'SUCCEEDED'\n"
    files = {"conftest.py": "", "test_x.py": test, **{f"{name}.py": trap for name in names}}
    write(pytester.path, files)
    # Not with `python -m pytest` or pytester, which put the working directory first.
    command = [Path(sys.executable).with_name("pytest"), "-q"]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHON"))}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_a_name_that_the_template_lacks_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    minimal_project.project(pytester.path, a=scenario(more="stack: {parameters: {Nope: 1}}\n"))
    result = run(pytester, {})
    assert result.ret == pytest.ExitCode.INTERRUPTED
    said = "scenarios/a.yaml:2:22: the template has no parameter 'Nope'; its parameters: none"
    result.stdout.fnmatch_lines([f"*{said}"])


def test_a_template_that_aws_refuses_fails_its_scenarios_and_then_their_collection(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "cache"))
    minimal_project.project(pytester.path, a=scenario())
    said = (
        "*template.yaml:12:11: E3006: resource type 'AWS::SNS::Topik' does not exist in us-east-1; did you*"
    )
    result = run(pytester, {"template.yaml": TEMPLATE + "  Topic: {Type: AWS::SNS::Topik}\n"})
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([said])
    result = run(pytester, {})
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([said])
