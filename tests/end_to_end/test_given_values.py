"""External values are available where templates, functions and clients look for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.engine.cleanup import clean_up, inventory
from harness.expect import BUILT_IN
from harness.given import Given, StoredParameter
from harness.pytest_plugin import harness_session
from harness.report.model import Result
from harness.scenario.load import parse
from harness.settings import Settings
from harness.settings_reading import load_settings
from harness.stack.giving import EXPORTS, give
from harness.stack.model import DeployError

SECRET = "battery-staple"
HANDLER = """
          import os
          import boto3

          def handler(event, context):
              ssm, secrets = boto3.client("ssm"), boto3.client("secretsmanager")
              key = ssm.get_parameter(Name="/app/key", WithDecryption=True)["Parameter"]
              arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf"
              return {
                  "vpc": os.environ["VPC"],
                  "nets": os.environ["NETS"],
                  "bucket": os.environ["BUCKET"],
                  "ami": os.environ["AMI"],
                  "password": len(os.environ["PASSWORD"]),
                  "key": [key["Type"], len(key["Value"])],
                  "token": len(secrets.get_secret_value(SecretId=arn)["SecretString"]),
                  "made": ssm.get_parameter(Name="/app/made")["Parameter"]["Value"],
              }
"""
TEMPLATE = f"""\
Parameters:
  Nets: {{Type: "AWS::SSM::Parameter::Value<List<String>>", Default: /app/nets}}
  Ami: {{Type: "AWS::SSM::Parameter::Value<String>", Default: /aws/service/mine/ami}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Principal: {{Service: [lambda.amazonaws.com, states.amazonaws.com]}}
          Action: sts:AssumeRole
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement:
              Effect: Allow
              Action: [lambda:InvokeFunction, ssm:GetParameter, secretsmanager:GetSecretValue, logs:*]
              Resource: "*"
  Made: {{Type: AWS::SSM::Parameter, Properties: {{Name: /app/made, Type: String, Value: by the stack}}}}
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Environment:
        Variables:
          VPC: !ImportValue net-vpc
          NETS: !Join [" ", !Ref Nets]
          AMI: !Ref Ami
          BUCKET: {{"Fn::GetStackOutput": {{StackName: shared, OutputName: Bucket, Region: eu-west-1}}}}
          PASSWORD: "{{{{resolve:secretsmanager:db:SecretString:password:AWSPREVIOUS}}}}"
      Code:
        ZipFile: |
{HANDLER}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition:
        StartAt: Run
        States: {{Run: {{Type: Task, Resource: !GetAtt Fn.Arn, End: true}}}}
"""
SETTINGS = f"""\
[tool.harness]
template = "template.yaml"
[tool.harness.exports]
net-vpc = "vpc-1"
[tool.harness.outputs]
shared = {{Bucket = "photos"}}
[tool.harness.ssm]
"/app/nets" = ["a", "b"]
"/aws/service/mine/ami" = "ami-1"
"/app/key" = {{secure = "12345"}}
"/app/made" = "given"
[tool.harness.secrets]
db = {{user = "me", password = "{SECRET}"}}
"arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf" = "a token"
"""
OUTPUT: Mapping[str, Any] = {
    "vpc": "vpc-1",
    "nets": "a b",
    "bucket": "photos",
    "ami": "ami-1",
    "password": len(SECRET),
    "key": ["SecureString", 5],
    "token": 7,
    "made": "by the stack",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    return load_settings(tmp_path, {})


def play(request: pytest.FixtureRequest, settings: Settings, more: str) -> Result:
    scenario = parse(f"title: t\n{more}\n", BUILT_IN, settings.root / "s.yaml")
    return harness_session(request.config).run(scenario, settings)


def expect(output: Mapping[str, Any]) -> str:
    return f"expect: {{execution: {{output: {{equals: {json.dumps(output)}}}}}}}"


def test_values_are_there_for_templates_and_for_functions(
    request: pytest.FixtureRequest, settings: Settings
) -> None:
    result = play(request, settings, expect(OUTPUT))
    assert (result.outcome, result.reason) == ("passed", ""), [str(each) for each in result.mismatches]
    cloudformation = harness_session(request.config).clients.cloudformation
    (export,) = cloudformation.list_exports()["Exports"]
    assert (export["Name"], export["Value"]) == ("net-vpc", "vpc-1")
    assert cloudformation.list_imports(ExportName="net-vpc")["Imports"] == ["stack"]


def test_values_of_the_scenario_come_first(request: pytest.FixtureRequest, settings: Settings) -> None:
    stack = "stack: {exports: {net-vpc: vpc-2}, ssm: {/app/nets: [c]}, outputs: {shared: {Bucket: own}}}\n"
    output = {**OUTPUT, "vpc": "vpc-2", "nets": "c", "bucket": "own"}
    result = play(request, settings, stack + expect(output))
    assert (result.outcome, result.reason) == ("passed", ""), [str(each) for each in result.mismatches]
    result = play(request, settings, expect(OUTPUT))  # none of them remain
    assert result.outcome == "passed"


def test_an_engine_without_a_way_of_its_own_gets_them_over_its_apis(request: pytest.FixtureRequest) -> None:
    session = harness_session(request.config)
    clients = session.fresh()

    class Plain:
        label = "an engine"

        def give(self, given: Given) -> bool:
            return False

    engine: Any = Plain()
    text = SETTINGS.replace('"/aws/service/mine/ami" = "ami-1"\n', "")
    given = Given.read(_settings(text, request).given.written())
    give(engine, clients, given)
    cloudformation, ssm = clients.cloudformation, clients.client("ssm")
    (export,) = cloudformation.list_exports()["Exports"]
    assert (export["Name"], export["Value"]) == ("net-vpc", "vpc-1")
    outputs = cloudformation.describe_stacks(StackName="shared")["Stacks"][0]["Outputs"]
    assert [(each["OutputKey"], each["OutputValue"]) for each in outputs] == [("Bucket", "photos")]
    assert cloudformation.describe_stacks(StackName=EXPORTS)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    nets = ssm.get_parameter(Name="/app/nets")["Parameter"]
    assert (nets["Type"], nets["Value"]) == ("StringList", "a,b")
    key = ssm.get_parameter(Name="/app/key", WithDecryption=True)["Parameter"]
    assert (key["Type"], key["Value"]) == ("SecureString", "12345")
    found = clients.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"]
    assert json.loads(found)["password"] == SECRET
    assert {"parameter", "secret", "stack"} <= {kind for kind, _ in inventory(clients)}
    assert clean_up(clients) == frozenset()
    public = Given(ssm={"/aws/service/mine/ami": StoredParameter("ami-1")})
    with pytest.raises(DeployError, match="rejects the parameter /aws/service/mine/ami"):
        give(engine, clients, public)


def _settings(text: str, request: pytest.FixtureRequest) -> Settings:
    folder: Path = request.getfixturevalue("tmp_path")
    (folder / "pyproject.toml").write_text(text)
    return load_settings(folder, {})
