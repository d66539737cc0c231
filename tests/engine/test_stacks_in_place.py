"""Resources that are changed in place: new settings, and the old ones after a rollback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from contract import Lab

from harness.engine.moto.engine import MotoEngine
from harness.stack.deploy import CAPABILITIES

FIRST = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      Description: first
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: list
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{Effect: Allow, Action: "s3:List*", Resource: "*"}]
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: managed
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Action: "s3:Get*", Resource: "*"}]
      Roles: [!Ref Role]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: worker
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Timeout: 9
      Code: {ZipFile: "def handler(event, context): return 1"}
      Environment: {Variables: {STAGE: first}}
      Tags: [{Key: stage, Value: first}]
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: items
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: day, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: first, Enabled: true}
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /worker, RetentionInDays: 7}}
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: /worker, Type: String, Value: first}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: worker, SecretString: first}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: worker, DisplayName: first}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: worker, DelaySeconds: 1}}
  Letters:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: sqs
      Endpoint: !GetAtt Queue.Arn
      FilterPolicy: {stage: [first]}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: worker}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [first]}
      Targets: [{Id: queue, Arn: !GetAtt Queue.Arn}]
  Key: {Type: AWS::KMS::Key, Properties: {Description: first}}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {Name: worker, ShardCount: 1, RetentionPeriodHours: 24}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: worker-bucket, Tags: [{Key: stage, Value: first}]}
"""
SECOND = (
    FIRST.replace("first", "second")
    .replace("PolicyName: list", "PolicyName: read")
    .replace("s3:Get*", "s3:List*")
    .replace("return 1", "return 2")
    .replace("      Timeout: 9\n", "")
    .replace("RetentionInDays: 7", "RetentionInDays: 14")
    .replace("RetentionPeriodHours: 24", "RetentionPeriodHours: 48")
    .replace("DelaySeconds: 1", "DelaySeconds: 2")
    .replace(
        "      TimeToLive",
        "      GlobalSecondaryIndexes:\n"
        "        - IndexName: days\n"
        "          KeySchema: [{AttributeName: day, KeyType: HASH}]\n"
        "          Projection: {ProjectionType: ALL}\n"
        "      TimeToLive",
    )
)
BAD = "  Bad: {Type: AWS::SNS::Topic, DependsOn: Bucket, Properties: {TopicName: no name}}\n"


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the stacks of the embedded engine")


def _policy(lab: Lab, ids: dict[str, str]) -> object:
    iam = lab.clients.iam
    version = iam.get_policy(PolicyArn=ids["Policy"])["Policy"]["DefaultVersionId"]
    found: Any = iam.get_policy_version(PolicyArn=ids["Policy"], VersionId=version)["PolicyVersion"]
    return found["Document"]["Statement"][0]["Action"]


def _role(lab: Lab, _: dict[str, str]) -> object:
    iam = lab.clients.iam
    attached = iam.list_attached_role_policies(RoleName="worker")["AttachedPolicies"]
    names = sorted(each["PolicyName"] for each in attached)
    assert names == ["AWSLambdaBasicExecutionRole", "managed"]
    return iam.get_role(RoleName="worker")["Role"].get("Description"), iam.list_role_policies(
        RoleName="worker"
    )["PolicyNames"]


def _function(lab: Lab, _: dict[str, str]) -> object:
    found = lab.clients.lambda_.get_function(FunctionName="worker")
    settings = found["Configuration"]
    payload = lab.clients.lambda_.invoke(FunctionName="worker")["Payload"].read()
    return settings["Environment"]["Variables"], settings["Timeout"], payload, found["Tags"]["stage"]


def _table(lab: Lab, _: dict[str, str]) -> object:
    dynamodb = lab.clients.dynamodb
    table = dynamodb.describe_table(TableName="items")["Table"]
    expiry: Any = dynamodb.describe_time_to_live(TableName="items")["TimeToLiveDescription"]
    kept = dynamodb.get_item(TableName="items", Key={"id": {"S": "kept"}})
    indexes = [each["IndexName"] for each in table.get("GlobalSecondaryIndexes", [])]
    return expiry["AttributeName"], indexes, "Item" in kept


def _rule(lab: Lab, ids: dict[str, str]) -> object:
    bus, _, name = ids["Rule"].partition("|")
    targets = lab.clients.client("events").list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    pattern = lab.clients.client("events").describe_rule(Name=name, EventBusName=bus)["EventPattern"]
    return pattern, len(targets)


def _subscription(lab: Lab, ids: dict[str, str]) -> object:
    found = lab.clients.sns.get_subscription_attributes(SubscriptionArn=ids["Letters"])["Attributes"]
    return found["FilterPolicy"]


def _others(lab: Lab, ids: dict[str, str]) -> object:
    clients = lab.clients
    (group,) = clients.logs.describe_log_groups(logGroupNamePrefix="/worker")["logGroups"]
    queue = clients.sqs.get_queue_attributes(QueueUrl=ids["Queue"], AttributeNames=["DelaySeconds"])
    topic = clients.sns.get_topic_attributes(TopicArn=ids["Topic"])["Attributes"]
    tags = clients.s3.get_bucket_tagging(Bucket="worker-bucket")["TagSet"]
    return (
        group["retentionInDays"],
        queue["Attributes"]["DelaySeconds"],
        topic["DisplayName"],
        [each["Value"] for each in tags],
    )


LOOKS: list[tuple[Callable[[Lab, dict[str, str]], object], object, object]] = [
    (_policy, "s3:Get*", "s3:List*"),
    (_role, ("first", ["list"]), ("second", ["read"])),
    (_function, ({"STAGE": "first"}, 9, b"1", "first"), ({"STAGE": "second"}, 3, b"2", "second")),
    (_table, ("first", [], True), ("second", ["days"], True)),
    (_rule, ('{"source": ["first"]}', 1), ('{"source": ["second"]}', 1)),
    (_subscription, '{"stage": ["first"]}', '{"stage": ["second"]}'),
    (_others, (7, "1", "first", ["first"]), (14, "2", "second", ["second"])),
]


def resources(lab: Lab) -> dict[str, str]:
    found = lab.clients.cloudformation.describe_stack_resources(StackName="place")["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


def status(lab: Lab) -> str:
    return lab.clients.cloudformation.describe_stacks(StackName="place")["Stacks"][0]["StackStatus"]


def test_resources_are_changed_where_they_are(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(Capabilities=CAPABILITIES, StackName="place", TemplateBody=FIRST)
    ids = resources(lab)
    lab.clients.dynamodb.put_item(TableName="items", Item={"id": {"S": "kept"}})
    for look, first, _ in LOOKS:
        assert look(lab, ids) == first
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName="place", TemplateBody=SECOND + BAD)
    assert status(lab) == "UPDATE_ROLLBACK_COMPLETE"
    assert resources(lab) == ids
    for look, first, _ in LOOKS:
        assert look(lab, ids) == first, look
    cloudformation.update_stack(Capabilities=CAPABILITIES, StackName="place", TemplateBody=SECOND)
    assert status(lab) == "UPDATE_COMPLETE"
    assert resources(lab) == ids
    for look, _, second in LOOKS:
        assert look(lab, ids) == second, look
    secret = lab.clients.client("secretsmanager").get_secret_value(SecretId="worker")["SecretString"]
    parameter = lab.clients.client("ssm").get_parameter(Name="/worker")["Parameter"]
    assert (secret, parameter["Value"], parameter["Version"]) == ("second", "second", 4)
    cloudformation.delete_stack(StackName="place")
    stacks = cloudformation.list_stacks()["StackSummaries"]
    assert [each["StackStatus"] for each in stacks if each["StackName"] == "place"] == ["DELETE_COMPLETE"]


def test_a_trust_policy_without_a_version_is_changed_too(lab: Lab) -> None:
    """Version is optional: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html."""
    role = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      Description: first
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
"""
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(StackName="place", TemplateBody=role, Capabilities=CAPABILITIES)
    changed = role.replace("first", "second").replace("lambda", "states")
    cloudformation.update_stack(StackName="place", TemplateBody=changed, Capabilities=CAPABILITIES)
    assert status(lab) == "UPDATE_COMPLETE"
    found = lab.clients.iam.get_role(RoleName="worker")["Role"]
    assert found["Description"] == "second"
    assert "states.amazonaws.com" in str(found["AssumeRolePolicyDocument"])
