"""The example of `docs/how-to/python.md`, run as it is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from documentation import blocks
from minimal_project import PYPROJECT, write

TEMPLATE = """\
Parameters:
  Stage: {Type: String}
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Questions: {Type: AWS::SQS::Queue}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: Work
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Orders.Arn}
              - {Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Questions.Arn}
  Payments:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {Orders: !Ref Orders, Questions: !Ref Questions}
      Definition:
        StartAt: Large
        States:
          Large:
            Type: Choice
            Choices: [{Variable: $.order, NumericGreaterThan: 1, Next: Ask}]
            Default: Pay
          Ask:
            Type: Task
            Resource: arn:aws:states:::sqs:sendMessage.waitForTaskToken
            Parameters: {QueueUrl: "${Questions}", MessageBody: {token.$: $$.Task.Token}}
            ResultPath: $.answer
            Next: Pay
          Pay:
            Type: Task
            Resource: arn:aws:states:::dynamodb:putItem
            Parameters:
              TableName: ${Orders}
              Item: {id: {N.$: "States.Format('{}', $.order)"}, paid: {BOOL: true}}
            ResultPath: $.stored
            Next: Paid
          Paid: {Type: Pass, Parameters: {order.$: $.order, paid: true}, End: true}
"""
SCENARIO = """\
title: An order is paid
stack: {parameters: {Stage: test}}
run: {input: {order: 1}}
expect: {execution: {status: SUCCEEDED}}
"""


def test_the_example_runs(tmp_path: Path) -> None:
    (example,) = blocks("python", "how-to/python.md")
    files = {
        "pyproject.toml": PYPROJECT,
        "template.yaml": TEMPLATE,
        "scenarios/paid.yaml": SCENARIO,
        "example.py": example,
    }
    command = [sys.executable, "example.py"]
    done = subprocess.run(command, cwd=write(tmp_path, files), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "('Large', 'Ask', 'Pay', 'Paid')\nAn order is paid passed \n"
