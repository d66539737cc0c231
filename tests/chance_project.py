"""A project in a folder, with a function that draws random values and services that generate IDs."""

from __future__ import annotations

import json
from pathlib import Path

PYPROJECT = '[tool.harness]\ntemplate = "template.yaml"\nlint = false\n'
MACHINE = {
    "StartAt": "Alone",
    "States": {
        "Alone": {
            "Type": "Task",
            "Resource": "${Draw.Arn}",
            "Parameters": {"alone": True},
            "ResultPath": "$.alone",
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {
                "StartAt": "Draw",
                "States": {
                    "Draw": {
                        "Type": "Task",
                        "Resource": "${Draw.Arn}",
                        "ResultPath": "$.drawn",
                        "Next": "Tell",
                    },
                    "Tell": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::sns:publish",
                        "Parameters": {"TopicArn": "${Topic}", "Message.$": "States.JsonToString($.drawn)"},
                        "ResultPath": "$.told",
                        "Next": "Queue",
                    },
                    "Queue": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::sqs:sendMessage",
                        "Parameters": {"QueueUrl": "${Queue}", "MessageBody.$": "States.UUID()"},
                        "ResultPath": "$.queued",
                        "Next": "Keep",
                    },
                    "Keep": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::dynamodb:putItem",
                        "Parameters": {
                            "TableName": "${Table}",
                            "Item": {"id": {"S.$": "$.drawn.uuid"}, "n": {"N.$": "States.Format('{}', $.n)"}},
                        },
                        "ResultPath": "$.kept",
                        "End": True,
                    },
                },
            },
            "End": True,
        },
    },
}
TEMPLATE = """\
Resources:
  Topic: {Type: "AWS::SNS::Topic"}
  Queue: {Type: "AWS::SQS::Queue"}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
  FunctionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: {Effect: Allow, Action: "*", Resource: "*"}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: {Effect: Allow, Action: "*", Resource: "*"}}
  Draw:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: RUNTIME
      Handler: app.handler
      Code: src
      Timeout: 60
      Role: !GetAtt FunctionRole.Arn
      Environment: {Variables: {TOPIC: !Ref Topic, QUEUE: !Ref Queue}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        MACHINE
"""
APP = """\
import json, os, random, secrets, tempfile, time, uuid
import boto3

sns, sqs, sts = boto3.client("sns"), boto3.client("sqs"), boto3.client("sts")
LOADED = uuid.uuid4().hex

def handler(event, context):
    time.sleep(random.random())
    sent = sns.publish(TopicArn=os.environ["TOPIC"], Message=secrets.token_hex(4))
    queued = sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody="x")
    drawn = {
        "uuid": str(uuid.uuid4()), "order": list({f"key-{n}" for n in range(9)}),
        "file": tempfile.mktemp(), "trace": os.environ["_X_AMZN_TRACE_ID"], "sent": sent["MessageId"],
        "queued": queued["MessageId"], "request": sts.get_caller_identity()["ResponseMetadata"]["RequestId"],
    }
    drawn |= {"loaded": LOADED, "stream": context.log_stream_name, "node": uuid.getnode()}
    print("drawn", json.dumps(drawn))
    return drawn
"""
SCENARIO = """\
title: It draws
run: {input: {items: [{n: 1}, {n: 2}, {n: 3}]}}
expect:
  execution: {status: SUCCEEDED}
"""


def write(folder: Path, app: str = APP, *, runtime: str = "python3.11", scenario: str = SCENARIO) -> Path:
    """Write the project and return its scenario."""
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "app.py").write_text(app, encoding="utf-8")
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    text = TEMPLATE.replace("RUNTIME", runtime).replace("MACHINE", json.dumps(MACHINE))
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    (folder / "scenarios").mkdir()
    path = folder / "scenarios" / "draws.yaml"
    path.write_text(scenario, encoding="utf-8")
    return path
