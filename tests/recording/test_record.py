"""`harness record`: its output passes, and fails if the workflow changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from minimal_project import PYPROJECT, write

from harness.cli import main
from harness.exit_codes import FAILED, PASSED, WRONG

pytestmark = pytest.mark.usefixtures("kept_engines")

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Topic: {Type: "AWS::SNS::Topic"}
  Queue: {Type: "AWS::SQS::Queue"}
  Store: {Type: "AWS::S3::Bucket"}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: ["sns:Publish"], Resource: !Ref Topic}
              - {Effect: Allow, Action: ["sqs:SendMessage"], Resource: !GetAtt Queue.Arn}
              - {Effect: Allow, Action: ["dynamodb:PutItem"], Resource: !GetAtt Table.Arn}
              - {Effect: Allow, Action: ["s3:PutObject"], Resource: !Sub "${Store.Arn}/*"}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: !GetAtt Role.Arn
      DefinitionUri: flow.asl.json
      DefinitionSubstitutions:
        Topic: !Ref Topic
        Queue: !Ref Queue
        Table: !Ref Table
        Store: !Ref Store
"""
SCENARIO = """\
# It is a draft.
title: All is written   # four times
run: {input: {who: ada}}
"""


def state(resource: str, then: str, **parameters: Any) -> dict[str, Any]:
    to = {"Next": then} if then else {"End": True}
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "ResultPath": None}
    return {**task, "Parameters": parameters, **to}


FORMAT = "States.Format('Run {} is done, and all is well', States.UUID())"


def definition(text: str = "hello", size: str = "content") -> str:
    states = {
        "Put": state(
            "dynamodb:putItem",
            "Send",
            TableName="${Table}",
            Item={"id": {"S.$": "States.UUID()"}, "who": {"S.$": "$.who"}, "n": {"N": "3"}},
        ),
        "Send": state("sqs:sendMessage", "Keep", QueueUrl="${Queue}", MessageBody=text),
        "Keep": state("aws-sdk:s3:putObject", "Tell", Bucket="${Store}", Key="a/b.txt", Body=size),
        "Tell": state("sns:publish", "", TopicArn="${Topic}", Subject="Done", **{"Message.$": FORMAT}),
    }
    return json.dumps({"StartAt": "Put", "States": states})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = {
        "pyproject.toml": PYPROJECT,
        "template.yaml": TEMPLATE,
        "flow.asl.json": definition(),
        "scenarios/a.yaml": SCENARIO,
    }
    return write(tmp_path, files)


EXPECTED = """\
expect:
  execution: {status: SUCCEEDED, output: {who: ada}}
  path: [Put, Send, Keep, Tell]
  messages:
    - topic: Topic
      subject: Done
      body: {contains: 'is done, and all is well'}
  machines: {left: []}
  items: {Table: {count: 1, contain: [{who: ada, n: 3}]}}
  objects: {Store: {exact: [{key: a/b.txt, size: 9 B}]}}
  queues: {Queue: {exact: [hello]}}
"""


def test_what_is_the_same_in_two_worlds_is_written_holds_and_is_updated(project, capsys):
    file = project / "scenarios/a.yaml"
    assert main(["record", "scenarios/a.yaml", "--diff"]) == PASSED
    assert (
        "would be recorded: execution, path, messages, machines, items, objects, queues"
        in capsys.readouterr().out
    )
    assert file.read_text() == SCENARIO
    assert main(["record", "scenarios/a.yaml"]) == PASSED
    assert file.read_text() == SCENARIO + EXPECTED
    assert "+  queues: {Queue: {exact: [hello]}}\n" in capsys.readouterr().out
    assert main(["run"]) == PASSED
    (project / "flow.asl.json").write_text(definition("goodbye", "more content"))
    assert main(["run"]) == FAILED
    capsys.readouterr()
    assert main(["record", "scenarios", "--update", "--only", "queues"]) == PASSED
    assert file.read_text() == SCENARIO + EXPECTED.replace("hello", "goodbye")
    assert main(["record", "scenarios", "--update"]) == PASSED
    assert file.read_text() == SCENARIO + EXPECTED.replace("hello", "goodbye").replace("9 B", "14 B")
    capsys.readouterr()
    assert main(["record", "scenarios", "--update"]) == PASSED
    assert capsys.readouterr().out == "scenarios/a.yaml: all expectations hold\n"


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (SCENARIO, ["--only", "pathe"], "--only pathe: unknown expectation; did you mean 'path'?"),
        (
            SCENARIO.replace("{input", "{clock: real, input"),
            [],
            "runs on the real clock are never identical",
        ),
        (f"{SCENARIO}titel: x\n", [], "unknown key 'titel'"),
        (SCENARIO, ["--engine", "localstack"], "localstack has no virtual clock"),
    ],
)
def test_what_cannot_be_recorded_is_refused_before_anything_starts(project, capsys, text, arguments, said):
    (project / "scenarios/a.yaml").write_text(text)
    assert main(["record", "scenarios/a.yaml", *arguments]) == WRONG
    assert said in capsys.readouterr().err


def test_an_anchor_that_is_used_elsewhere_is_not_lost(project, capsys):
    file = project / "scenarios/a.yaml"
    text = f"{SCENARIO}expect:\n  path: &way [Put]\n  runs:\n    run-1:\n      path: *way\n"
    file.write_text(text)
    assert main(["record", "scenarios/a.yaml", "--update"]) == PASSED
    assert file.read_text() == text.replace("*way", "[Put, Send, Keep, Tell]")
    text = f"{SCENARIO}expect:\n  path: &way [Put]\n  never_entered: *way\n"
    file.write_text(text)
    assert main(["record", "scenarios/a.yaml", "--update"]) == WRONG
    assert (
        "scenarios/a.yaml: expect.path cannot be inserted without changes elsewhere in the file"
        in capsys.readouterr().err
    )
    assert file.read_text() == text


def test_what_aws_refuses_is_told_beside_what_is_recorded(project, capsys):
    template = project / "template.yaml"
    template.write_text(template.read_text().replace("sqs:SendMessage", "sqs:GetQueueUrl"))
    assert main(["record", "scenarios/a.yaml", "--only", "execution,queues"]) == FAILED
    said = capsys.readouterr().err
    assert said.startswith("template.yaml:17:7: AWS would refuse this: ")
    assert "no identity-based policy allows the sqs:SendMessage action" in said
    assert "expect:\n  execution: " in (project / "scenarios/a.yaml").read_text()
