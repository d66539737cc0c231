"""Workflows in a checkout are found, and the obstacles for each are reported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.cli import main
from harness.stack.checkout import Found, found_in

MACHINE = "Type: AWS::StepFunctions::StateMachine, Properties: {RoleArn: r, DefinitionString: '{}'}"
FILES = {
    "cdk/cdk.json": "{}",
    "flow.asl.json": "{}",
    "node_modules/x/template.yaml": f"Resources: {{M: {{{MACHINE}}}}}",
    "other.json": '{"a": 1}',
    "plain/template.yaml": f"Parameters: {{P: {{Type: String}}}}\nResources: {{M: {{{MACHINE}}}}}",
    "sam/template.yaml": """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello: {Type: AWS::Serverless::Function, Properties: {InlineCode: a, Handler: i.h, Runtime: nodejs22.x}}
  Flow: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: flow.asl.json}}
""",
    "sam/flow.asl.json": "{}",
    "sls/serverless.yml": "service: x",
    "tf/main.tf": 'resource "aws_sfn_state_machine" "x" {}',
    "tf/other.tf": 'resource "aws_s3_bucket" "x" {}',
    "wrong/template.yaml": f"Transform: Mine\nResources: {{M: {{{MACHINE}}}}}",
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, text in FILES.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "checkout"


def test_each_form_is_found_with_what_is_in_its_way(checkout: Path) -> None:
    found = {str(each.path.relative_to(checkout)): each for each in found_in(checkout)}
    assert {name: each.form for name, each in found.items()} == {
        "cdk/cdk.json": "cdk app",
        "flow.asl.json": "definition",
        "plain/template.yaml": "cloudformation",
        "sam/template.yaml": "sam",
        "sls/serverless.yml": "serverless framework",
        "tf/main.tf": "terraform",
        "wrong/template.yaml": "cloudformation",
    }
    assert found["plain/template.yaml"] == Found(
        checkout / "plain" / "template.yaml", "cloudformation", ("M",), {}, ("P",)
    )
    assert found["sam/template.yaml"].machines == ("Flow",)
    assert found["sam/template.yaml"].functions == {"Hello": "nodejs22.x"}
    assert "Hello: Runtime nodejs22.x is not supported" in found["sam/template.yaml"].problems[0]
    assert "Transform: Mine is a macro, which is not supported" in found["wrong/template.yaml"].problems[0]
    assert "run `cdk synth`" in found["cdk/cdk.json"].problems[0]


def test_the_command_says_what_it_would_do(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["projects", str(checkout)]) == 0
    said = capsys.readouterr().out
    assert "  required parameters: P\n" in said
    assert "  functions: Hello (nodejs22.x)\n" in said
    assert said.endswith("7 found; 2 can run as they are\n")


def test_nothing_to_play_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["projects", str(tmp_path)]) == 2
    assert "no template with a state machine" in capsys.readouterr().out
    assert main(["projects", str(tmp_path / "nowhere")]) == 2
    assert "folder not found" in capsys.readouterr().err


def test_a_look_installs_nothing_and_says_what_would_be(checkout: Path) -> None:
    folder = checkout / "sam"
    (folder / "template.yaml").write_text(f"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: fn, Handler: app.h, Runtime: python3.{sys.version_info.minor}}}
  Flow: {{Type: AWS::Serverless::StateMachine, Properties: {{DefinitionUri: flow.asl.json}}}}
""")
    (folder / "fn").mkdir()
    (folder / "fn" / "app.py").write_text("def h(event, context): ...")
    (folder / "fn" / "requirements.txt").write_text("no-such-package-anywhere==1")
    (found,) = found_in(folder)
    assert found.problems == ()
    assert found.installs == ("function Hello: no-such-package-anywhere==1",)


def test_values_that_a_template_wants_of_elsewhere_are_told(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = checkout / "plain"
    (folder / "template.yaml").write_text(
        f"Parameters: {{P: {{Type: String}}}}\nResources:\n  M: {{{MACHINE}}}\n"
        "  T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue a, "
        "TopicName: '{{resolve:ssm:/b}}', KmsMasterKeyId: '{{resolve:secretsmanager:c}}'}}\n"
        "Outputs: {O: {Value: {Fn::GetStackOutput: {StackName: d, OutputName: E}}}}\n"
    )
    (found,) = found_in(folder)
    assert found.values == ("export a", "SSM parameter /b", "secret c", "output E of d")
    assert main(["projects", str(folder)]) == 0
    assert (
        "  required values: export a, SSM parameter /b, secret c, output E of d\n" in capsys.readouterr().out
    )
