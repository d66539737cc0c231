"""Additions to pytest's report: explanations, logs, notes, commands."""

from __future__ import annotations

from pathlib import Path

import minimal_project
import pytest
from minimal_project import PUBLISHES, PYPROJECT, scenario, write

pytestmark = pytest.mark.thorough  # starts many processes; one run on one Python is enough

pytest_plugins = ["pytester"]

FAILS = scenario("It should fail", "FAILED")
# Stack notes, as produced for a template, in each worker.
NOTED = """
from harness.notes import Note
from harness.session import Session

deploy = Session.deploy

def noted(self, *arguments, **named):
    from dataclasses import replace
    note = Note("not served here", "template.yaml:3", "Alarm", "nothing raises it")
    return replace(deploy(self, *arguments, **named), notes=(note,))

Session.deploy = noted
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_end_of_a_session_names_mismatches_commands_and_notes(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    minimal_project.project(pytester.path, a=FAILS, b=scenario(), c=FAILS)
    pytester.makeconftest(NOTED)
    result = pytester.runpytest_subprocess(*workers)
    result.assert_outcomes(passed=1, failed=2)
    lines = result.outlines
    end = lines[lines.index(next(line for line in lines if "to run the failures again" in line)) :]
    assert sorted(end[1:3]) == [f"harness run scenarios/{n}.yaml --engine moto" for n in ("a", "c")]
    assert end[4:6] == ["not served here", "  template.yaml:3: Alarm: nothing raises it"]
    short = sorted(line for line in end if line.startswith("FAILED"))
    assert [line[:44] for line in short] == [
        f"FAILED scenarios/{n}.yaml - line 3: execution:" for n in ("a", "c")
    ]
    for name in ("a", "c"):  # in the explanation, and nowhere else
        assert result.stdout.str().count(f"scenarios/{name}.yaml:3: execution: expected FAILED") == 1


def test_messages_are_in_the_output_when_all_went_well(pytester: pytest.Pytester) -> None:
    files = {
        "pyproject.toml": f'{PYPROJECT}state_machine = "Publish"\n',
        "template.yaml": PUBLISHES,
        "scenarios/a.yaml": scenario(),
        "test_it.py": "def test_it(harness_run):\n    harness_run({})\n",
    }
    write(pytester.path, files)
    result = pytester.runpytest_subprocess("-rA")
    result.assert_outcomes(passed=2)
    sent = "Messages\n  Topic: (no subject)\n    | hello\n"
    assert result.stdout.str().count(sent) == 2
    assert sent in pytester.runpytest_subprocess("-s", "scenarios").stdout.str()
    assert sent not in pytester.runpytest_subprocess("scenarios").stdout.str()


def test_a_scenario_is_judged_with_the_settings_next_to_it(pytester: pytest.Pytester) -> None:
    usage = minimal_project.project(pytester.path / "services" / "usage", x=scenario())
    write(pytester.path, {"pytest.ini": "[pytest]\n"})
    pytester.runpytest_subprocess("services/usage/scenarios/x.yaml").assert_outcomes(passed=1)
    pytester.runpytest_subprocess("services/usage").assert_outcomes(passed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(usage)
        pytester.runpytest_subprocess("scenarios/x.yaml").assert_outcomes(passed=1)


def test_yaml_beside_tests_that_is_named_is_said_to_be_no_scenario(pytester: pytest.Pytester) -> None:
    minimal_project.project(pytester.path)
    write(pytester.path, {"tests/data.yaml": "a: 1\n", "tests/test_a.py": "def test_a(): pass\n"})
    result = pytester.runpytest_subprocess(Path("tests/data.yaml"), "tests/test_a.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR  # pytest's own message, for a file that is not collected
    left = "not a scenario, because it has no `title` and no `expect` at the top level"
    result.stdout.fnmatch_lines([f"harness: tests/data.yaml is ignored: {left}"])
