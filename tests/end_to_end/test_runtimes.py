"""A project whose functions declare a Python runtime, or a different runtime."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.engine.moto.engine import MotoEngine
from harness.exit_codes import PASSED, WRONG
from harness.expect import BUILT_IN
from harness.functions.host.pythons import OWN
from harness.notes import Note
from harness.report.model import Result
from harness.scenario.load import load
from harness.session import Session
from harness.settings_reading import load_settings

TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: [states.amazonaws.com, lambda.amazonaws.com]}
            Action: "sts:AssumeRole"
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement: [{Effect: Allow, Action: ["lambda:*", "logs:*"], Resource: "*"}]
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: RUNTIME
      Role: !GetAtt Role.Arn
      Code: ./fn
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}
      DefinitionString: '{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"${Fn}","End":true}}}'
"""
SCENARIO = "title: the case\nexpect: {execution: {status: SUCCEEDED}}\n"
OTHER = "python3.12" if OWN == "3.14" else "python3.14"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in the working directory, with no Python prepared."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    for folder in ("fn", "scenarios"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    (tmp_path / "scenarios" / "a.yaml").write_text(SCENARIO)
    return tmp_path


def write(project: Path, runtime: str, source: str) -> None:
    (project / "template.yaml").write_text(TEMPLATE.replace("RUNTIME", runtime))
    (project / "fn" / "app.py").write_text(source)


def play(project: Path) -> Result:
    (scenario,) = load([project / "scenarios" / "a.yaml"], BUILT_IN)
    with Session(MotoEngine()) as session:
        return session.run(scenario, load_settings(project, {}))


def test_a_function_on_another_python_is_noted_and_one_as_declared_is_not(project: Path) -> None:
    write(project, OTHER, "def handler(event, context): return 1\n")
    result = play(project)
    assert result.outcome == "passed", result.reason
    assert result.notes == (
        Note(
            "runtime",
            "template.yaml:19",
            "Fn",
            f"ran on Python {OWN}, declared {OTHER}; `harness engines install {OTHER}` runs it as declared",
        ),
    )
    write(project, f"python{OWN}", "def handler(event, context): return 1\n")
    assert play(project).notes == ()


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("runtime", ["nodejs20.x", "provided.al2023"])
def test_another_runtime_ends_with_2_before_anything_starts(
    project: Path, capsys: pytest.CaptureFixture[str], runtime: str
) -> None:
    write(project, runtime, "exports.handler = async () => 1\n")
    assert main(["run"]) == WRONG
    said = capsys.readouterr().err
    assert said.startswith(f"template.yaml:19:7: Fn: Runtime {runtime} is not supported;")


@pytest.mark.usefixtures("nothing_starts")
def test_code_that_the_declared_python_lacks_ends_with_2(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, "python3.9", "def handler(event, context):\n    match event:\n        case _: return 1\n")
    assert main(["run"]) == WRONG
    said = "fn/app.py:2:5: Fn declares python3.9: Pattern matching is only supported in Python 3.10"
    assert said in capsys.readouterr().err


def test_xray_takes_segments_and_says_what_it_lacks(project: Path) -> None:
    source = """\
import logging
from aws_xray_sdk.core import patch_all, xray_recorder

patch_all()

def handler(event, context):
    logging.getLogger().setLevel("INFO")
    with xray_recorder.in_subsegment("x") as segment:
        segment.put_annotation("key", "value")
    xray_recorder.begin_subsegment("y")
    xray_recorder.end_subsegment()
    return "done"
"""
    write(project, f"python{OWN}", source)
    for package in ("aws_xray_sdk", "wrapt"):
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        shutil.copytree(Path(spec.origin).parent, project / "fn" / package)
    result = play(project)
    assert result.outcome == "passed", result.reason
    assert result.observation is not None
    (invocation,) = result.observation.invocations
    assert invocation.result == '"done"'
    assert "Error" not in invocation.log


def test_the_parameters_of_the_command_line_choose_the_runtime(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parameters = "Parameters: {Runtime: {Type: String, Default: nodejs20.x}, Other: {Type: String}}\n"
    write(project, "!Ref Runtime", "def handler(event, context): return 1\n")
    template = project / "template.yaml"
    template.write_text(parameters + template.read_text())
    with (project / "pyproject.toml").open("a") as settings:
        settings.write('parameters = {Runtime = "java21", Other = "of the table"}\n')
    assert main(["run"]) == WRONG
    assert "Fn: Runtime java21 is not supported" in capsys.readouterr().err
    assert main(["run", "--parameters", f"Runtime=python{OWN}"]) == PASSED
    assert main(["run", "--parameters", "nonsense"]) == WRONG
    assert "parameters 'nonsense' have no names; write Name=Value" in capsys.readouterr().err
