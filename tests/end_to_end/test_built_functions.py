"""Projects whose functions need more than their folder: requirements, external layers, images."""

from __future__ import annotations

from pathlib import Path

import pytest
from calling_role import ROLE
from wheels import only_wheels, wheel

from harness.cli import main
from harness.exit_codes import FAILED, PASSED, WRONG
from harness.functions.host.pythons import OWN
from harness.stack.installing import runtime_versions

pytestmark = pytest.mark.usefixtures("kept_engines")

RUNTIME = f"python{OWN}"
TEMPLATE = f"""\
Resources:
{ROLE}  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: {RUNTIME}
      Role: !GetAtt Role.Arn
      Code: ./fn
      Layers:
        - !Sub arn:aws:lambda:${{AWS::Region}}:017000801446:layer:AWSLambdaPowertoolsPythonV2:32
        - !Sub arn:aws:lambda:${{AWS::Region}}:580247275435:layer:LambdaInsightsExtension:38
  Image:
    Type: AWS::Lambda::Function
    Metadata: {{DockerContext: ./image}}
    Properties:
      Role: !GetAtt Role.Arn
      PackageType: Image
      Code: {{ImageUri: "123456789012.dkr.ecr.us-east-1.amazonaws.com/r:1"}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {{Fn: !GetAtt Fn.Arn, Image: !GetAtt Image.Arn}}
      DefinitionString: |
        {{"StartAt": "A", "States": {{
          "A": {{"Type": "Task", "Resource": "${{Fn}}", "Next": "B"}},
          "B": {{"Type": "Task", "Resource": "${{Image}}", "End": true}}}}}}
"""
SETTINGS = """\
[tool.harness]
template = "template.yaml"
build = true
layers = {"arn:*:layer:AWSLambdaPowertoolsPythonV2:*" = "./layers/powertools"}
"""
FILES = {
    "template.yaml": TEMPLATE,
    "pyproject.toml": SETTINGS,
    "scenarios/a.yaml": "title: one\nexpect: {execution: {status: SUCCEEDED, output: [1.0, 7, given]}}\n",
    "fn/requirements.txt": "thing\nboto3\n",
    "fn/app.py": "import boto3, thing, shared\ndef handler(event, context):\n"
    "    return [float(thing.VERSION), shared.VALUE]\n",
    "layers/powertools/python/shared.py": "VALUE = 7\n",
    "image/Dockerfile": f'FROM public.ecr.aws/lambda/python:{OWN}\nCOPY src/ ./\nCMD ["main.run"]\n',
    "image/src/main.py": "def run(event, context): return event + ['given']\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project in the working directory, and two wheels. Lambda provides the same version of boto3."""
    only_wheels(tmp_path / "wheels", monkeypatch)
    wheel(tmp_path / "wheels", "thing")
    wheel(tmp_path / "wheels", "boto3", runtime_versions(OWN)["boto3"], files={"boto3.py": "not Python"})
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_all_of_it_runs_and_is_installed_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == PASSED
    first = capsys.readouterr()
    assert first.err.startswith("function Fn: installing thing, boto3 (fn/requirements.txt) from ")
    assert "Fn.Layers (AWS::Lambda::Function): arn:aws:lambda:${AWS::Region}:580247275435" in first.out
    assert "Image: ran from image, not in its container image" in first.out
    for each in (project / "wheels").iterdir():
        each.unlink()
    assert main(["run"]) == PASSED
    assert "installing" not in capsys.readouterr().err


def test_validating_installs_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == PASSED
    assert "installing" not in capsys.readouterr().err
    assert not list(project.glob("cache/*/builds"))


@pytest.mark.usefixtures("nothing_starts")
def test_nothing_is_installed_for_what_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = project / "template.yaml"
    template.write_text(template.read_text().replace("PowertoolsPythonV2", "PowertoolsPythonV3"))
    assert main(["run"]) == WRONG
    said = capsys.readouterr().err
    assert said.startswith("template.yaml:24:11: Fn: layer arn:aws:lambda:${AWS::Region}:017000801446:layer:")
    assert "installing" not in said


def test_what_cannot_be_installed_ends_with_2_before_anything_starts(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "fn" / "requirements.txt").write_text("nowhere-to-be-found\n")
    assert main(["run"]) == WRONG
    said = capsys.readouterr().err
    assert "template.yaml:22:7: resource Fn: nowhere-to-be-found in fn/requirements.txt must be " in said
    assert "pip install -t fn -r fn/requirements.txt" in said
    assert "Traceback" not in said


def test_where_nothing_is_installed_the_log_says_what_to_do(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace("build = true\n", ""))
    assert main(["run"]) == FAILED
    said = " ".join(capsys.readouterr().out.split())
    assert "[harness] thing is not in the code, and the code's requirements.txt was not installed; " in said
    assert "or set build = true in [tool.harness]" in said


SAM = f"""\
Transform: AWS::Serverless-2016-10-31
Globals: {{Function: {{Runtime: {RUNTIME}}}}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {{Handler: app.handler, CodeUri: fn, Layers: [!Ref Shared]}}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Metadata: {{BuildMethod: {RUNTIME}}}
    Properties: {{ContentUri: shared, CompatibleRuntimes: [{RUNTIME}]}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Policies: [{{LambdaInvokePolicy: {{FunctionName: !Ref Fn}}}}]
      DefinitionSubstitutions: {{Fn: !GetAtt Fn.Arn}}
      Definition:
        StartAt: A
        States: {{A: {{Type: Task, Resource: "${{Fn}}", End: true}}}}
"""


def test_a_sam_template_is_built_without_a_setting(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "template.yaml").write_text(SAM)
    (project / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    scenario = "title: the case\nexpect: {execution: {status: SUCCEEDED, output: [1.0, 7]}}\n"
    (project / "scenarios" / "a.yaml").write_text(scenario)
    (project / "shared").mkdir()
    (project / "shared" / "requirements.txt").write_text("shared-thing\n")
    (project / "shared" / "shared.py").write_text("from shared_thing import VALUE\n")
    wheel(project / "wheels", "shared-thing", files={"shared_thing.py": "VALUE = 7\n"})
    assert main(["run"]) == PASSED, capsys.readouterr().out
    said = capsys.readouterr().err
    assert "function Fn: installing thing, boto3 (fn/requirements.txt) from " in said
    assert "layer Shared: installing shared-thing (shared/requirements.txt) from " in said


def test_what_sam_would_not_build_is_told_at_the_line_of_its_template(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "template.yaml").write_text(SAM)
    (project / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    (project / "shared").mkdir()
    (project / "shared" / "shared.py").write_text("")
    (project / "fn" / "requirements.txt").write_text("nowhere-to-be-found\n")
    assert main(["run"]) == WRONG
    assert (
        "template.yaml:6:40: resource Fn: nowhere-to-be-found in fn/requirements.txt "
        in capsys.readouterr().err
    )
