"""Settings apply to stacks that users create on `harness up`; unsupported settings are reported."""

from __future__ import annotations

import json
from pathlib import Path

from minimal_project import write
from test_cli_up import up

PYPROJECT = """\
[tool.harness]
region = "eu-west-1"
build = true
[tool.harness.layers]
"arn:aws:lambda:*:layer:tools:*" = "layer"
"arn:aws:lambda:*:layer:asks:*" = "asks"
[tool.harness.images]
Shown = {code = "layer", handler = "app.handler", runtime = "python3.11"}
[tool.harness.exports]
net-vpc = "vpc-1"
[tool.harness.ssm]
"/app/url" = "https://x"
"/app/own" = "given"
[tool.harness.secrets]
db = {password = "hunter2hunter2"}
"""
TEMPLATE = """\
Resources:
  Own: {Type: AWS::SSM::Parameter, Properties: {Name: /app/own, Type: String, Value: own}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: fn
      Handler: index.handler
      Runtime: python3.11
      Role: !GetAtt Role.Arn
      Layers: [arn:aws:lambda:eu-west-1:111122223333:layer:tools:7]
      Environment:
        Variables:
          VPC: !ImportValue net-vpc
          URL: "{{resolve:ssm:/app/url}}"
          PASSWORD: "{{resolve:secretsmanager:db:SecretString:password}}"
      Code:
        ZipFile: |
          import os
          import tools

          def handler(event, context):
              return [tools.WORD, os.environ["VPC"], os.environ["URL"], len(os.environ["PASSWORD"])]
"""


def test_values_and_layers_of_the_settings_are_there(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": PYPROJECT,
        "layer/python/tools.py": 'WORD = "lent"\n',
        "asks/requirements.txt": "requests\n",
    }
    write(tmp_path, files)
    with up(tmp_path) as (client, screen):
        told = [screen.readline() for _ in range(3)]
        assert [line.partition(" (")[0].partition(": its")[0].partition(": requ")[0] for line in told] == [
            "# ignored for stacks that you create yourself: [tool.harness] layers: "
            "arn:aws:lambda:*:layer:asks:*",
            "# ignored for stacks that you create yourself: [tool.harness] images",
            "# ignored for stacks that you create yourself: [tool.harness] build",
        ]
        cloudformation, functions = client("cloudformation"), client("lambda")
        cloudformation.create_stack(StackName="made", TemplateBody=TEMPLATE, Capabilities=["CAPABILITY_IAM"])
        (stack,) = cloudformation.describe_stacks(StackName="made")["Stacks"]
        events = cloudformation.describe_stack_events(StackName="made")["StackEvents"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", events
        answer = functions.invoke(FunctionName="fn")["Payload"].read()
        assert json.loads(answer) == ["lent", "vpc-1", "https://x", 14]
        assert ":eu-west-1:" in functions.get_function(FunctionName="fn")["Configuration"]["FunctionArn"]
        own = client("ssm").get_parameter(Name="/app/own")["Parameter"]
        assert (own["Value"], own["Version"]) == ("own", 1)
        with_other = TEMPLATE.replace("layer:tools:7", "layer:others:7").replace("fn\n", "fn2\n", 1)
        with_other = with_other.replace("/app/own", "/app/own2")
        cloudformation.create_stack(
            StackName="other",
            TemplateBody=with_other,
            OnFailure="DO_NOTHING",
            Capabilities=["CAPABILITY_IAM"],
        )
        events = cloudformation.describe_stack_events(StackName="other")["StackEvents"]
        reasons = [each.get("ResourceStatusReason", "") for each in events]
        assert any("layer:others:7 is not available here" in reason for reason in reasons)
        assert "hunter2" not in json.dumps(events, default=str)
