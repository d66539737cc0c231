"""Scenarios of stacks that need each other, on the embedded engine."""

from __future__ import annotations

from pathlib import Path

import minimal_project
import pytest

from harness.expect import BUILT_IN
from harness.lint.scenarios import check_first
from harness.pytest_plugin import harness_session
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.settings import SettingsError
from harness.settings_reading import load_settings

DATA = """\
Parameters:
  Stage: {Type: String, Default: test}
  Days: {Type: Number, Default: 7}
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Told: {Type: AWS::SNS::Topic}
Outputs:
  Table: {Value: !Ref Orders, Export: {Name: !Sub "orders-${Stage}"}}
  Topic: {Value: !Ref Told, Export: {Name: !Sub "told-${Stage}"}}
"""
FLOW = """\
Parameters:
  Stage: {Type: String}
Resources:
  Told: {Type: AWS::SNS::Topic}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: orders
          PolicyDocument:
            Statement: {Effect: Allow, Action: "dynamodb:PutItem", Resource: "*"}
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions:
        Table: !ImportValue {"Fn::Sub": "orders-${Stage}"}
        Topic: !ImportValue {"Fn::Sub": "told-${Stage}"}
      DefinitionString: |
        {"StartAt": "Keep", "States": {
          "Keep": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "ResultPath": null,
            "Parameters": {"TableName": "${Table}", "Item": {"id": {"S.$": "$.id"}}}, "Next": "Tell"},
          "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true,
            "Parameters": {"TopicArn": "${Topic}", "Message.$": "$.id"}}}}
"""
ALLOWED = FLOW.replace('"dynamodb:PutItem"', '["dynamodb:PutItem", "sns:Publish"]')
SCENARIO = """\
title: An order is kept and told
stack:
  - {template: ../data.yaml, parameters: {Stage: prod}}
  - {template: ../flow.yaml, name: shop, parameters: {Stage: prod}}
run: {input: {id: A1}}
expect:
  execution: {status: SUCCEEDED}
  path: [Keep, Tell]
  items: {Orders: {contain: [{id: A1}]}}
  messages: [{topic: data.Told, body: A1}]
  machines: {left: []}
"""
STACKS = """\
[tool.harness]
stacks = [{template = "data.yaml"}, {template = "flow.yaml", name = "shop", parameters = {Stage = "test"}}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {"data.yaml": DATA, "flow.yaml": FLOW, "pyproject.toml": "[tool.harness]\n"}
    return minimal_project.write(tmp_path, {**files, "scenarios/.keep": ""})


def played(request: pytest.FixtureRequest, folder: Path, text: str = SCENARIO) -> Result:
    settings = load_settings(folder, {})
    scenario = parse(text, BUILT_IN, Path("scenarios/x.yaml"))
    check_first([scenario], lambda _: settings, start=False)
    return harness_session(request.config).run(scenario, settings)


def test_the_second_uses_what_the_first_exports(request: pytest.FixtureRequest, project: Path) -> None:
    result = played(request, project)
    (denied,) = result.mismatches
    # The role lacks a permission: its place is in the template that declares it.
    assert denied.summary.startswith("AWS would refuse this: role shop-Role-")
    assert (denied.where.path.name, denied.where.line) == ("flow.yaml", 10)
    assert 'Resource: !Sub "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:data-Told-*"' in (
        denied.remedy
    )
    (project / "flow.yaml").write_text(
        FLOW.replace('"dynamodb:PutItem"', '["dynamodb:PutItem", "sns:Publish"]')
    )
    result = played(request, project)
    assert (result.outcome, result.mismatches) == ("passed", ()), result.reason
    assert result.observation is not None
    assert result.observation.access.stacks.keys() == {"data", "shop"}


def test_the_settings_may_name_them(request: pytest.FixtureRequest, project: Path) -> None:
    (project / "pyproject.toml").write_text(STACKS)
    (project / "flow.yaml").write_text(
        FLOW.replace('"dynamodb:PutItem"', '["dynamodb:PutItem", "sns:Publish"]')
    )
    text = "".join(line for line in SCENARIO.splitlines(True) if "stack:" not in line and "- {" not in line)
    result = played(request, project, text)
    assert (result.outcome, result.mismatches) == ("passed", ()), result.reason


def test_in_another_order_it_fails_by_name(request: pytest.FixtureRequest, project: Path) -> None:
    lines = SCENARIO.splitlines(True)
    lines[2], lines[3] = lines[3], lines[2]
    with pytest.raises(SettingsError) as refused:
        played(request, project, "".join(lines))
    assert str(refused.value).splitlines() == [
        f"scenarios/../flow.yaml:{line}:9: Fn::ImportValue: the stack data, which exports {name}, is "
        "deployed after shop; move data before it"
        for line, name in ((19, "orders-prod"), (20, "told-prod"))
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "data.Told",
            "Told",
            "scenarios/x.yaml:10:22: 'Told' matches 2 topics; choose one: data.Told, shop.Told",
        ),
        (
            "Orders: {",
            "Ordrs: {",
            "scenarios/x.yaml:9:11: the template has no table 'Ordrs'; did you mean 'Orders'? "
            "its tables: Orders",
        ),
        (
            "{Stage: prod}}\n  - ",
            "{Stag: prod}}\n  - ",
            "scenarios/x.yaml:3:43: the template has no parameter 'Stag'; did you mean 'Stage'? "
            "its parameters: Stage",
        ),
        (
            "name: shop, parameters: {Stage: prod}",
            "name: shop",
            "scenarios/x.yaml:2:1: the template's parameter 'Stage' of shop has neither a default nor a "
            "value; set it under `stack: {parameters: ...}` in the scenario, or under parameters in "
            "[tool.harness]",
        ),
        (
            "{Stage: prod}}\nrun",
            "{Stage: prod, Days: 7}}\nrun",
            "scenarios/x.yaml:4:68: the template has no parameter 'Days'; its parameters: Stage",
        ),
        (
            "../flow.yaml",
            "../flaw.yaml",
            "scenarios/x.yaml:4:16: template ",
        ),
    ],
)
def test_what_is_wrong_is_told_before_anything_starts(
    request: pytest.FixtureRequest, project: Path, before: str, after: str, said: str
) -> None:
    assert before in SCENARIO
    with pytest.raises(ScenarioError) as error:
        played(request, project, SCENARIO.replace(before, after))
    assert str(error.value).startswith(said)
