"""Objects that a scenario adds to a stack exist during the run; remaining objects are read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.expect import BUILT_IN
from harness.pytest_plugin import harness_session
from harness.report.json_report import _observation
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.seeding import seed_account, seed_stack
from harness.settings import Settings
from harness.settings_reading import load_settings
from harness.stack.given_values import given_by
from harness.stack.model import DeployError, Resource, Stack

SECRET = "battery-staple"
TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement:
              Effect: Allow
              Action: ["ssm:*", "secretsmanager:*", "dynamodb:*", "s3:*", "sqs:*", "events:*"]
              Resource: "*"
  Uploads: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}
  Limit: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: "1"}}
  Named: {Type: AWS::SSM::Parameter, Properties: {Name: /app/named, Type: String, Value: "1"}}
  Token: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: made}}
  Steps: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition:
        StartAt: Turn
        States:
          Read:
            Type: Parallel
            ResultSelector:
              limit.$: $[0].Parameter.Value
              named.$: $[1].Parameter.Value
              given.$: $[2].Parameter.Value
              item.$: $[3].Item.n.N
              many.$: $[4].KeyCount
            Branches:
              - StartAt: Limit
                States: {Limit: {Type: Task, Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
                  Parameters: {Name: !Ref Limit}, End: true}}
              - StartAt: Named
                States: {Named: {Type: Task, Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
                  Parameters: {Name: /app/named}, End: true}}
              - StartAt: Given
                States: {Given: {Type: Task, Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
                  Parameters: {Name: /app/given}, End: true}}
              - StartAt: Item
                States: {Item: {Type: Task, Resource: "arn:aws:states:::dynamodb:getItem",
                  Parameters: {TableName: old-table, Key: {pk: {S: a}}}, End: true}}
              - StartAt: Listed
                States: {Listed: {Type: Task, Resource: "arn:aws:states:::aws-sdk:s3:listObjectsV2",
                  Parameters: {Bucket: !Ref Uploads, Prefix: raw/}, End: true}}
            End: true
          Turn:
            Type: Task
            Resource: arn:aws:states:::aws-sdk:secretsmanager:putSecretValue
            Parameters: {SecretId: !Ref Token, SecretString: turned-round}
            Next: Read
"""
SCENARIO = f"""\
title: t
seed:
  objects: {{Uploads: [{{key: "raw/{{n:03}}", size: 1 KiB, count: 12}}, {{key: a.json, json: {{a: 1}}}}]}}
  tables: {{old-table: {{key: {{pk: S}}, items: [{{pk: a, n: 5}}, {{pk: {{S: b}}, n: {{N: "6"}}}}]}}}}
  queues: {{Steps: [{{body: b, group: g}}, {{body: a, group: g}}, {{json: [1], group: h, count: 2}}]}}
  parameters: {{Limit: 2, /app/named: [x, y], /app/given: z}}
  secrets: {{Token: {SECRET}, other: {{a: {SECRET}}}}}
expect:
  execution:
    output: {{limit: "2", named: "x,y", given: z, item: "5", many: 12}}
  items: {{old-table: {{exact: [{{pk: a, n: 5}}, {{pk: b, n: 6}}]}}}}
  objects:
    Uploads: {{count: 13, contain: [{{key: a.json, json: {{a: 1}}}}, {{key: raw/012, size: 1 KiB}}]}}
  queues: {{Steps: {{count: 4, exact: [b, a, {{json: [1]}}, {{body: "[1]", group: h}}]}}}}
  parameters: {{Limit: "2", /app/named: "x,y", /app/none: {{absent: true}}}}
  secrets: {{Token: turned-round, other: {{members: {{a: {SECRET}}}}}}}
  events: []
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\ntemplate = "template.yaml"\n')
    return load_settings(tmp_path, {})


def play(request: pytest.FixtureRequest, settings: Settings, text: str) -> Result:
    scenario = parse(text, BUILT_IN, settings.root / "s.yaml")
    return harness_session(request.config).run(scenario, settings)


def test_all_that_is_seeded_is_there_and_all_that_is_left_is_seen(
    request: pytest.FixtureRequest, settings: Settings
) -> None:
    result = play(request, settings, SCENARIO)
    assert (result.outcome, result.reason) == ("passed", ""), [each.summary for each in result.mismatches]
    left = result.observation.left if result.observation else None
    assert left is not None
    steps = left.queues["Steps"]
    assert steps is not None
    assert [each.body for each in steps.messages if each.group == "g"] == ["b", "a"]
    assert result.observation is not None
    shown = json.dumps(_observation(result.observation), default=str)
    assert '"/app/named": "x,y"' in shown
    assert "secrets" not in json.loads(shown)


@pytest.mark.parametrize(
    ("seed", "said"),
    [
        ("objects: {Nope: []}", "the template has no bucket 'Nope'; its buckets: Uploads"),
        ("queues: {Nope: [a]}", "the template has no queue 'Nope'; its queues: Steps"),
        ("queues: {Steps: [a]}", "refuses a message of Steps: SendMessage failed with"),
        ("tables: {old-table: {key: {pk: S}, items: [{no: 1}]}}", "refuses the table old-table: "),
    ],
)
def test_what_the_engine_refuses_is_told_at_its_place(
    request: pytest.FixtureRequest, seed: str, said: str
) -> None:
    session = harness_session(request.config)
    clients: Any = session.fresh()
    url = clients.sqs.create_queue(QueueName="s.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    clients.s3.create_bucket(Bucket="uploads")
    resources = {
        "Steps": Resource("AWS::SQS::Queue", url),
        "Uploads": Resource("AWS::S3::Bucket", "uploads"),
    }
    scenario = parse(f"title: t\nseed: {{{seed}}}\nexpect: {{events: []}}\n", BUILT_IN, Path("a.yaml"))

    def put() -> None:
        seed_account(session.engine, clients, scenario)
        seed_stack(session.engine, clients, scenario, Stack("s", {}, resources))

    with pytest.raises(DeployError, match=r"a.yaml:2:") as raised:
        put()
    assert said in str(raised.value)


def test_values_that_are_given_twice_are_refused(settings: Settings) -> None:
    text = "title: t\nstack: {ssm: {/a: x}}\nseed:\n  parameters: {/a: y}\nexpect: {events: []}\n"
    scenario = parse(text, BUILT_IN, settings.root / "s.yaml")
    with pytest.raises(
        ScenarioError, match=r"s.yaml:4:20: ssm in stack sets a different value for /a; set it once"
    ):
        given_by(scenario, settings)
    same = parse(text.replace("y}", "x}"), BUILT_IN, settings.root / "s.yaml")
    assert {name: each.value for name, each in given_by(same, settings).ssm.items()} == {"/a": "x"}
