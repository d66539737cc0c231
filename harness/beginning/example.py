"""A small runnable workflow for a folder without workflows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_TEMPLATE: Final = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Sends a greeting.
Resources:
  Greetings: {Type: "AWS::SNS::Topic"}
  FunctionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
  Greet:
    Type: AWS::Lambda::Function
    Properties:
      Code: src
      Handler: greet.handler
      Runtime: python3.13
      Role: !GetAtt FunctionRole.Arn
  WorkflowRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: workflow
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: "lambda:InvokeFunction", Resource: !GetAtt Greet.Arn}
              - {Effect: Allow, Action: "sns:Publish", Resource: !Ref Greetings}
  Workflow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt WorkflowRole.Arn
      Definition:
        StartAt: Greet
        States:
          Greet:
            Type: Task
            Resource: !GetAtt Greet.Arn
            Retry:
              - {ErrorEquals: ["Lambda.TooManyRequestsException"], IntervalSeconds: 2, MaxAttempts: 3}
            Next: Send
          Send:
            Type: Task
            Resource: arn:aws:states:::sns:publish
            Parameters: {TopicArn: !Ref Greetings, Message.$: $.greeting}
            End: true
"""
_CODE: Final = '''\
"""Makes a greeting."""


def handler(event, context):
    name = event.get("name", "world")
    print("greeting", name)
    return {"greeting": f"Hello, {name}!"}
'''
FILES: Final[Mapping[str, str]] = {"template.yaml": _TEMPLATE, "src/greet.py": _CODE}
"""The example's files, by path."""
INPUT: Final = '{name: "Ada"}'
"""The input for its first run."""
