"""Commits that neither lose data nor widen access: nothing is found."""

import json
import re

import pytest
from planted import CDK, SAM, copied

from harness.cloudformation.reading import read
from harness.gate import access, data_loss, declared

QUERY = "                Action: dynamodb:Query\n                Resource: !GetAtt UsageTable.Arn\n"
ARN = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/"
RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"


def findings(project):
    sides = project.sides()
    return [*data_loss.findings(*sides), *access.findings(*sides), *declared.findings(*sides)]


def reorder_keys(project):
    template = read(project.template.read_text())
    template["Resources"] = dict(reversed(template["Resources"].items()))
    for resource in template["Resources"].values():
        resource["Properties"] = dict(reversed(resource["Properties"].items()))
    project.template.write_text(json.dumps(template))


def write_json_instead_of_yaml(project):
    project.template.write_text(json.dumps(read(project.template.read_text()), indent=2))


def add_comments(project):
    text = project.template.read_text()
    project.template.write_text(text.replace("    Properties:\n", "    # As before.\n    Properties:\n"))


def add_tags(project):
    project.edit(
        "      BillingMode: PAY", "      Tags: [{Key: team, Value: storage}]\n      BillingMode: PAY"
    )
    project.edit(
        "      DisplayName: S3 usage",
        "      Tags: [{Key: team, Value: storage}]\n      DisplayName: S3 usage",
    )


def rename_a_parameter(project):
    text = project.template.read_text()
    for old, new in (("MachineLogLevel", "LogLevel"), ("KmsKeyArn", "Key"), ("RowRetentionDays", "KeepDays")):
        text = re.sub(rf"\b{old}\b", new, text)
    project.template.write_text(text)


def rename_a_condition(project):
    project.template.write_text(project.template.read_text().replace("LogsMachines", "WritesLogs"))


def join_instead_of_sub(project):
    parts = [
        "arn",
        "!Ref AWS::Partition",
        "events",
        "!Ref AWS::Region",
        "!Ref AWS::AccountId",
        f"rule/{RULE}",
    ]
    project.edit(f'!Sub "{ARN}{RULE}"', f'!Join [":", [{", ".join(parts)}]]')


def an_arn_instead_of_an_attribute(project):
    arn = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${UsageTable}"
    project.edit(QUERY, QUERY.replace("!GetAtt UsageTable.Arn", f'!Sub "{arn}"'))


def describe_otherwise(project):
    project.edit("Description: Reports the size of every", "Description: Measures the size of every")
    project.edit("      DisplayName: S3 usage report", "      DisplayName: Usage of S3")


def allow_less(project):
    project.edit("Action: [dynamodb:GetItem, dynamodb:PutItem]", "Action: dynamodb:GetItem")
    project.edit(QUERY, QUERY + '                Condition: {Bool: {"aws:SecureTransport": true}}\n')


def add_a_resource(project):
    queue = """
  Jobs:
    Type: AWS::SQS::Queue
    Properties: {QueueName: jobs}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: {ComparisonOperator: GreaterThanThreshold, EvaluationPeriods: 1}
Outputs:
"""
    project.edit("\nOutputs:\n", queue)


def add_a_function(project):
    function = """
  NewLogs: {Type: AWS::Logs::LogGroup}
  NewQueue: {Type: AWS::SQS::Queue}
  NewRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]
      Policies:
        - PolicyName: new
          PolicyDocument:
            Statement: [{Effect: Allow, Action: "sqs:*", Resource: !GetAtt NewQueue.Arn}]
  NewFunction:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Code: src, Handler: a.b, Role: !GetAtt NewRole.Arn}
  NewPermission:
    Type: AWS::Lambda::Permission
    Properties: {Action: lambda:InvokeFunction, FunctionName: !Ref NewFunction, Principal: s3.amazonaws.com}
Outputs:
"""
    project.edit("\nOutputs:\n", function)


def give_more_memory(project):
    text = project.template.read_text()
    project.template.write_text(
        text.replace("MemorySize: 256", "MemorySize: 1024").replace("Timeout: 120", "Timeout: 150")
    )


def split_a_statement(project):
    both = "[dynamodb:GetItem, dynamodb:PutItem]"
    one = f"                Action: {both}\n                Resource: !GetAtt UsageTable.Arn\n"
    first, second = (one.replace(both, f"dynamodb:{name}") for name in ("GetItem", "PutItem"))
    project.edit(one, f"{first}              - Effect: Allow\n{second}")


def join_statements(project):
    project.edit(
        "                Action: [dynamodb:PutItem, dynamodb:Query]",
        "                Action: [dynamodb:Query, dynamodb:PutItem]",
    )
    project.edit(
        "                Action: s3:ListAllMyBuckets\n", "                Action: [S3:ListAllMyBuckets]\n"
    )


def keep_for_longer(project):
    project.edit("    Default: 30\n    AllowedValues: [1,", "    Default: 90\n    AllowedValues: [1,")
    project.edit(
        "    DeletionPolicy: Delete\n    UpdateReplacePolicy: Delete\n    Properties:\n      BillingMode",
        "    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties:\n      BillingMode",
    )


def write_a_default_as_it_is(project):
    project.edit(
        "      DisplayName: S3 usage", "      FifoTopic: !Ref AWS::NoValue\n      DisplayName: S3 usage"
    )


def reorder_attributes(project):
    first = "        - {AttributeName: run_id, AttributeType: S}\n"
    second = "        - {AttributeName: bucket_extension, AttributeType: S}\n"
    project.edit(first + second, second + first)


def add_an_index(project):
    attribute = "        - {AttributeName: run_id, AttributeType: S}\n"
    project.edit(attribute, attribute + "        - {AttributeName: size, AttributeType: N}\n")
    index = """      GlobalSecondaryIndexes:
        - IndexName: sizes
          KeySchema: [{AttributeName: size, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
"""
    project.edit("      TimeToLive", f"{index}      TimeToLive")


@pytest.mark.parametrize(
    "edit",
    [
        add_a_function,
        add_a_resource,
        add_an_index,
        add_comments,
        add_tags,
        allow_less,
        an_arn_instead_of_an_attribute,
        describe_otherwise,
        give_more_memory,
        join_instead_of_sub,
        join_statements,
        keep_for_longer,
        rename_a_condition,
        rename_a_parameter,
        reorder_attributes,
        reorder_keys,
        split_a_statement,
        write_a_default_as_it_is,
        write_json_instead_of_yaml,
    ],
)
def test_a_harmless_commit_has_no_findings(plain, edit):
    before = plain.template.read_text()
    edit(plain)
    assert plain.template.read_text() != before
    assert findings(plain) == []


def test_more_memory_for_all_functions_of_sam_is_harmless(tmp_path):
    sam = copied(SAM, tmp_path)
    sam.edit("    Timeout: 10\n", "    Timeout: 20\n    MemorySize: 512\n")
    assert findings(sam) == []


def test_another_asset_of_a_cdk_app_is_harmless(tmp_path):
    cdk = copied(CDK, tmp_path)
    path = cdk.head / "cdk.out" / "ShopOrders.template.json"
    text = path.read_text()
    path.write_text(
        text.replace("0f1e2d3c4b5a6978.zip", "1a1a.zip").replace(
            '"Version": "2012-10-17"', '"Version":"2012-10-17"'
        )
    )
    assert path.read_text() != text
    assert findings(cdk) == []
