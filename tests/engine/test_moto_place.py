"""The Region, account and partition settings: the embedded engine creates everything in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.engine import engine_of
from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.expect import BUILT_IN
from harness.planned import Planned
from harness.scenario.load import parse
from harness.session import Session
from harness.settings import Settings, SettingsError
from harness.settings_reading import load_settings
from harness.stack.model import Stack

ACCOUNT = "111122223333"
PLACES = {
    "us-gov-west-1": ("aws-us-gov", "amazonaws.com"),
    "cn-north-1": ("aws-cn", "amazonaws.com.cn"),
    "eu-central-1": ("aws", "amazonaws.com"),
}
TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Principal: {Service: [lambda.amazonaws.com, states.amazonaws.com]}
          Action: sts:AssumeRole
      Policies:
        - PolicyName: all-of-it
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: lambda:InvokeFunction
                Resource: !Sub arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:who
              - Effect: Allow
                Action: sns:Publish
                Resource: !Sub arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:news
              - Effect: Allow
                Action: s3:PutObject
                Resource: !Sub arn:${AWS::Partition}:s3:::${Files}/*
              - Effect: Allow
                Action: [logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents]
                Resource: "*"
  Files: {Type: AWS::S3::Bucket}
  News: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
  Jobs: {Type: AWS::SQS::Queue}
  Who:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: who
      Runtime: python3.11
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Environment: {Variables: {BUCKET: !Ref Files}}
      Code:
        ZipFile: |
          import os
          import boto3

          def handler(event, context):
              s3 = boto3.client("s3")
              s3.put_object(Bucket=os.environ["BUCKET"], Key="k", Body=b"1")
              identity = boto3.client("sts").get_caller_identity()
              return {
                  "account": identity["Account"],
                  "who": identity["Arn"],
                  "function": context.invoked_function_arn,
                  "regions": [os.environ["AWS_REGION"], s3.meta.region_name],
              }
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition:
        StartAt: Who
        States:
          Who: {Type: Task, Resource: !GetAtt Who.Arn, ResultPath: $.who, Next: Tell}
          Tell:
            Type: Task
            Resource: !Sub arn:${AWS::Partition}:states:::sns:publish
            Parameters: {TopicArn: !Ref News, Message.$: $$.StateMachine.Id}
            End: true
Outputs:
  Suffix: {Value: !Ref AWS::URLSuffix}
  Stack: {Value: !Ref AWS::StackId}
  Topic: {Value: !Ref News}
  Queue: {Value: !GetAtt Jobs.Arn}
  Bucket: {Value: !GetAtt Files.Arn}
  Role: {Value: !GetAtt Role.Arn}
"""
SCENARIO = """\
title: t
run: {input: {}}
expect:
  execution: {status: SUCCEEDED}
  messages: [{body: {contains: "stateMachine:"}}]
"""


@pytest.fixture(scope="module", params=list(PLACES))
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = tmp_path_factory.mktemp("project")
    (root / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    table = f'template = "template.yaml"\nregion = "{request.param}"\naccount = "{ACCOUNT}"\n'
    partition = f'partition = "{PLACES[request.param][0]}"\n'
    (root / "pyproject.toml").write_text(
        f"[tool.harness]\n{table}{partition}lint = false\n", encoding="utf-8"
    )
    return load_settings(root, {})


@pytest.fixture(scope="module")
def session(settings: Settings) -> Iterator[Session]:
    with Session(engine_of(settings)) as session:
        session.start()
        yield session


@pytest.fixture(scope="module")
def stack(session: Session, settings: Settings) -> Stack:
    session.fresh()
    assert settings.template is not None, "it is in the table"
    return session.deploy([Planned(settings.template, "here")], settings)


def test_outputs_and_ids_are_of_the_place(settings: Settings, stack: Stack) -> None:
    region = settings.region or ""
    partition, suffix = PLACES[region]
    assert stack.outputs["Suffix"] == suffix
    assert stack.outputs["Topic"] == f"arn:{partition}:sns:{region}:{ACCOUNT}:news"
    assert stack.outputs["Queue"].startswith(f"arn:{partition}:sqs:{region}:{ACCOUNT}:")
    assert stack.outputs["Bucket"].startswith(f"arn:{partition}:s3:::")
    assert stack.outputs["Role"].startswith(f"arn:{partition}:iam::{ACCOUNT}:role/")
    assert stack.outputs["Stack"].startswith(f"arn:{partition}:cloudformation:{region}:{ACCOUNT}:stack/")
    assert stack.state_machine().startswith(f"arn:{partition}:states:{region}:{ACCOUNT}:stateMachine:")


def test_a_caller_with_made_up_keys_is_of_the_account(settings: Settings, session: Session) -> None:
    identity = session.clients.client("sts").get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"].startswith(f"arn:{settings.partition}:")


def test_a_run_sees_the_place_and_needs_no_other_permissions(settings: Settings, session: Session) -> None:
    region, partition = settings.region, settings.partition
    result = session.run(parse(SCENARIO, BUILT_IN, settings.root / "s.yaml"), settings)
    assert (result.outcome, result.reason, result.mismatches) == ("passed", "", ())
    assert result.observation is not None
    assert result.observation.messages[0].body.startswith(f"arn:{partition}:states:{region}:{ACCOUNT}:")
    (invocation,) = result.observation.invocations
    answer = json.loads(invocation.result)
    name = answer["function"].rpartition(":")[2]
    assert answer["account"] == ACCOUNT
    assert answer["function"] == f"arn:{partition}:lambda:{region}:{ACCOUNT}:function:{name}"
    assert answer["who"].startswith(f"arn:{partition}:sts::{ACCOUNT}:assumed-role/")
    assert answer["regions"] == [region] * 2


def test_a_key_of_another_account_is_that_account(session: Session) -> None:
    other = replace(session.clients.endpoint, access_key_id="210987654321")
    assert Clients(other).client("sts").get_caller_identity()["Account"] == "210987654321"


def test_the_default_is_where_it_was() -> None:
    endpoint = MotoEngine()._place
    assert (endpoint.region, endpoint.account_id) == ("us-east-1", "123456789012")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('region = "eu-cntral-1"', "unknown region 'eu-cntral-1'; did you mean 'eu-central-1'?"),
        ('account = "12"', "invalid account '12': write the 12 digits of the account ID"),
        ("account = 123456789012", "account must be a string, not an integer"),
        (
            'region = "eu-central-1"\npartition = "aws-cn"',
            "partition 'aws-cn': the region eu-central-1 is in aws; choose one of its regions "
            "(cn-north-1, cn-northwest-1), or leave partition out",
        ),
        ('partition = "aws-govv"', "the partition is not known; "),
        (
            'region = "eu-central-1"\nengine = "ministack"',
            "region 'eu-central-1': the engine ministack supports only its own region; "
            "choose moto, or leave region out",
        ),
        (
            'account = "111122223333"\nengine = "endpoint"',
            "the engine endpoint supports only its own account; the engine's keys determine its account; "
            "set its region as endpoint_region",
        ),
        (
            'account = "111122223333"\nengine = "localstack"',
            "the engine localstack supports only its own acc",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.harness]\n{table}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        engine_of(load_settings(tmp_path, {}))
    assert str(refused.value).startswith(str(tmp_path / "pyproject.toml"))
    assert said in str(refused.value)
