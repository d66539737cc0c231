"""A function completes a callback and publishes to an encrypted topic: the calls that AWS would deny."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FUNCTION = """\
import boto3
def handler(event, context):
    boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='{"ok": true}')
    boto3.client("sns").publish(TopicArn=event["topic"], Message="m")
    return {}
"""
TEMPLATE = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
          Action: "kms:*"
          Resource: "*"
  Topic: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: !Ref Key}}
  MachineRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal: {Service: !Sub "states.${AWS::Region}.amazonaws.com"}
          Action: "sts:AssumeRole"
      Policies:
        - PolicyName: invoke
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "lambda:InvokeFunction", Resource: !GetAtt Fn.Arn}
  FnRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
  FnPolicy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: answers
      Roles: [!Ref FnRole]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: ["states:SendTaskSuccess"]
            Resource: !Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:cb"
          - {Effect: Allow, Action: ["sns:Publish"], Resource: !Ref Topic}
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: app.handler, Role: !GetAtt FnRole.Arn, Code: ./fn}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: cb
      RoleArn: !GetAtt MachineRole.Arn
      DefinitionString: !Sub |
        {"StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
         "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
         "Parameters": {"FunctionName": "${Fn}",
         "Payload": {"token.$": "$$.Task.Token", "topic": "${Topic}"}}}}}
"""
ACCEPT = """
[[tool.harness.accept]]
role = "FnRole"
action = "kms:*"
resource = "Key"
reason = "another team grants it"
"""
SCP = {"Statement": {"Sid": "NoMail", "Effect": "Deny", "Action": "sns:*", "Resource": "*"}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "pyproject.toml": '[tool.harness]\ntemplate = "template.yaml"\n',
        "template.yaml": TEMPLATE,
        "fn/app.py": FUNCTION,
        "scenarios/a.yaml": "title: a callback\nrun: {input: {}}\nexpect: {execution: {status: SUCCEEDED}}\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def played(project: Path) -> Any:
    command = [sys.executable, "-m", "harness", "run", "scenarios", "--json", "result.json"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    (result,) = json.loads((project / "result.json").read_text())["results"]
    return result


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(TEMPLATE.splitlines(), start=1) if text in line)


def test_the_key_is_what_lacks_and_the_callback_is_fine(project: Path) -> None:
    result = played(project)
    denied = [m["summary"].partition(" to perform: ")[2] for m in result["mismatches"]]
    assert [text.partition(" on ")[0] for text in denied] == ["kms:GenerateDataKey", "kms:Decrypt"]
    for mismatch in result["mismatches"]:
        assert (Path(mismatch["file"]).name, mismatch["line"]) == ("template.yaml", line_of("FnPolicy:"))
        assert "Resource: !GetAtt Key.Arn" in mismatch["remedy"]
        assert "stack-" not in mismatch["remedy"]


def test_a_policy_that_is_accepted_and_one_of_the_organization(project: Path) -> None:
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text() + ACCEPT)
    assert played(project)["outcome"] == "passed"
    (project / "scp.json").write_text(json.dumps(SCP))
    settings.write_text(settings.read_text().replace("[tool.harness]", '[tool.harness]\nscp = "scp.json"', 1))
    (denied,) = played(project)["mismatches"]
    assert denied["summary"].endswith("with an explicit deny in a service control policy: statement NoMail")
    assert Path(denied["file"]).name == "scp.json"


def test_the_callback_of_another_machine_is_refused(project: Path) -> None:
    template = project / "template.yaml"
    template.write_text(TEMPLATE.replace("stateMachine:cb", "stateMachine:other"))
    summaries = [m["summary"] for m in played(project)["mismatches"]]
    assert (
        "is not authorized to perform: states:SendTaskSuccess on resource: "
        "arn:aws:states:us-east-1:123456789012:stateMachine:cb" in "".join(summaries)
    )
