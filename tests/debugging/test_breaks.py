"""The names for `--break`, and the breakpoints that a session sets for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from minimal_project import PYPROJECT, write

from harness.debugging.breaks import Debugging, check_names
from harness.debugging.desk import Desk
from harness.engine.base import Engine
from harness.expect.project import load_scenarios
from harness.functions.shared.debug_link import Breaks, DebugSetting
from harness.projects import Projects
from harness.settings import SettingsError
from harness.stack.model import Resource, Stack

TEMPLATE = """\
Resources:
  Add: {Type: "AWS::Lambda::Function", Properties: {Code: src, Handler: a.b, Runtime: python3.13, Role: r}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: r
      DefinitionString: '{"StartAt": "Sum", "States": {"Sum": {"Type": "Pass", "Next": "Done"},
        "Done": {"Type": "Succeed"}}}'
"""


def check(folder: Path, *names: str) -> None:
    scenario = "title: It adds\nexpect: {execution: {status: SUCCEEDED}}\n"
    files = {"pyproject.toml": PYPROJECT, "template.yaml": TEMPLATE, "scenarios/one.yaml": scenario}
    write(folder, {**files, "src/a.py": "def b(*_): ...\n"})
    projects = Projects({}, {})
    check_names(names, load_scenarios([folder / "scenarios/one.yaml"], projects.of), projects.of)


def test_functions_states_and_calls_are_known(tmp_path: Path) -> None:
    check(tmp_path, "Add", "Sum", "dynamodb:PutItem", "dynamodb:putItem", "sfn:StartExecution")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("add", "--break add: no function or state with this name found; did you mean 'Add'?"),
        ("Dome", "did you mean 'Done'? functions and states: Add, Done, Sum"),
        ("dynamo:PutItem", "unknown service 'dynamo'; did you mean 'dynamodb'?"),
        ("dynamodb:PutIten", "dynamodb has no operation 'PutIten'; did you mean 'PutItem'?"),
    ],
)
def test_another_name_is_refused_with_the_one_that_is_like_it(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check(tmp_path, name)
    assert said in str(refused.value)


class Told:
    """An engine that records its calls."""

    debugs = True

    def __init__(self) -> None:
        self.breaks: list[Breaks] = []

    def set_debugger(self, setting: DebugSetting, breaks: Breaks) -> None:
        assert setting["token"]
        self.breaks.append(breaks)


def test_names_of_functions_become_those_that_are_deployed() -> None:
    engine: Any = Told()
    stack = Stack("stack", {}, {"Add": Resource("AWS::Lambda::Function", "stack-Add-1")})
    with Desk() as desk:
        debugging = Debugging(desk, ("Add", "Sum", "dynamodb:putItem"))
        debugging.begin(cast(Engine, engine))
        debugging.deployed(cast(Engine, engine), stack)
    assert engine.breaks == [
        {"functions": [], "states": [], "calls": []},
        {"functions": ["stack-Add-1"], "states": ["Add", "Sum"], "calls": ["dynamodb:putitem"]},
    ]
