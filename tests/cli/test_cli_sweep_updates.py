"""`harness sweep --update-from` on a small project, from the commit to the exit code."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import minimal_project
import pytest
from minimal_project import FORBIDDEN, PUBLISHES, scenario

from harness.cli import main
from harness.exit_codes import FAILED, PASSED, WRONG

pytestmark = pytest.mark.usefixtures("kept_engines")

SWEEP = ["sweep", "scenarios/a.yaml", "--update-from", "HEAD"]
SENDS = PUBLISHES[PUBLISHES.index('{"StartAt": "Send"') : PUBLISHES.index("  Nothing:")]
SENDS_NOTHING = FORBIDDEN.replace(SENDS, '{"StartAt": "Sent", "States": {"Sent": {"Type": "Succeed"}}}\n')
TABLE = """\
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose commit contains a machine that sends a message."""
    monkeypatch.chdir(tmp_path)
    minimal_project.project(tmp_path, a=scenario("It is sent", more="run: {state_machine: Publish}\n"))
    (tmp_path / "template.yaml").write_text(PUBLISHES)
    subprocess.run(["git", "init", "-q"], check=True)
    commit()
    return tmp_path


def commit() -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["add", "."], [*identity, "commit", "-q", "-m", "a change"]):
        subprocess.run(["git", *arguments], check=True, capture_output=True)


def test_a_role_that_may_do_less_is_found_and_the_command_plays_it_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "template.yaml").write_text(SENDS_NOTHING)
    assert main([*SWEEP, "--json", "out.json"]) == FAILED
    shown = capsys.readouterr().out
    assert "after this event" in shown
    assert "is not authorized to perform: sns:Publish" in shown
    document = json.loads((project / "out.json").read_text())
    assert document["update_from"] == "HEAD"
    alone = [trial for trial in document["trials"] if not trial["rolled_back_after"]]
    assert document["left_out_alike"] == document["events"] - len(alone)
    first, *_ = [trial for trial in document["trials"] if trial["outcome"] == "violation"]
    assert first["updated_after"] == "run-1 4 TaskStarted (Send)"
    command = shlex.split(first["command"])
    assert command[0] == "harness"
    assert main([*command[1:], "--json", "again.json"]) == FAILED
    again = json.loads((project / "again.json").read_text())
    assert again["trials"] == [first]


def test_permissions_of_before_hold_for_what_was_before(project: Path) -> None:
    (project / "template.yaml").write_text(SENDS_NOTHING)
    assert main([*SWEEP, "--point", "run-1 7 ExecutionSucceeded"]) == PASSED


def test_a_stack_that_cannot_be_updated_is_a_violation(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "template.yaml").write_text(PUBLISHES + TABLE)
    commit()
    (project / "template.yaml").write_text(PUBLISHES + TABLE.replace(" id", " number"))
    assert main([*SWEEP, "--point", "run-1 7 ExecutionSucceeded"]) == FAILED
    assert "the stack cannot be updated to that of the working tree" in capsys.readouterr().out


THING = """\
  FunctionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: log
          PolicyDocument: {Statement: {Effect: Allow, Action: "logs:*", Resource: "*"}}
  Maker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Timeout: 60
      Role: !GetAtt FunctionRole.Arn
      Code:
        ZipFile: |
          import time
          import cfnresponse
          def handler(event, context):
              time.sleep(30)
              cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, "thing-1")
  Thing: {Type: "Custom::Thing", Properties: {ServiceToken: !GetAtt Maker.Arn}}
"""


@pytest.mark.thorough
def test_a_function_of_the_new_stack_has_time_to_make_its_resource(project: Path) -> None:
    (project / "template.yaml").write_text(PUBLISHES + THING)
    assert main([*SWEEP, "--json", "out.json"]) == PASSED
    trials = json.loads((project / "out.json").read_text())["trials"]
    assert [trial["outcome"] for trial in trials] == ["same"] * 3


def test_an_unchanged_project_has_nothing_to_update(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(SWEEP) == PASSED
    assert "there is nothing to update" in capsys.readouterr().out


def test_a_scenario_that_fails_on_the_new_stack_comes_first(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "template.yaml").write_text(FORBIDDEN)
    assert main(SWEEP) == FAILED
    assert "fails on the new stack without any update" in capsys.readouterr().out


def test_an_old_stack_that_cannot_be_deployed_is_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "scenarios" / "b.yaml").write_text(
        scenario("Another machine", more="run: {state_machine: Other}\n")
    )
    (project / "template.yaml").write_text(PUBLISHES.replace("  Publish:", "  Other:"))
    (project / "scenarios" / "a.yaml").unlink()
    assert main(["sweep", "scenarios/b.yaml", "--update-from", "HEAD"]) == WRONG
    assert "declares no state machine 'Other'" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--kind", "error"], WRONG, "--kind select faults, but --update-from injects none"),
        (["--pairs", "3"], WRONG, "--pairs select faults"),
    ],
)
def test_options_about_faults_are_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert main([*SWEEP, *arguments]) == code
    assert said in capsys.readouterr().err


def test_a_commit_that_there_is_not_is_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "scenarios/a.yaml", "--update-from", "nowhere"]) == WRONG
    assert "--update-from: commit 'nowhere' not found" in capsys.readouterr().err


def test_a_point_that_there_is_not_lists_those_that_there_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "template.yaml").write_text(SENDS_NOTHING)
    assert main([*SWEEP, "--point", "Sent"]) == WRONG
    assert "run-1 1 ExecutionStarted" in capsys.readouterr().err
