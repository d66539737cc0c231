"""The role, alarms and topics in a stack request are checked before anything is created."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab

from harness.engine.moto.engine import MotoEngine


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the stacks of the embedded engine")


TOPIC = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
CDK = "arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-us-east-1"
ALARM = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:high"
NO_TOPIC = "arn:aws:sns:us-east-1:123456789012:nowhere"
REFUSED: Any = {
    "no role": (
        {"RoleARN": "arn:aws:iam::123456789012:role/nobody"},
        r"nobody is invalid or cannot be assumed",
    ),
    "both": ({"OnFailure": "DELETE", "DisableRollback": True}, "either DisableRollback or OnFailure"),
    "no topic": ({"NotificationARNs": [NO_TOPIC]}, "Notification ARN .*:nowhere is invalid"),
    "no alarm's type": (
        {"RollbackConfiguration": {"RollbackTriggers": [{"Arn": ALARM, "Type": "Another"}]}},
        "Rollback Trigger Type not supported",
    ),
    "no alarm's ARN": (
        {"RollbackConfiguration": {"RollbackTriggers": [{"Arn": "x", "Type": "AWS::CloudWatch::Alarm"}]}},
        "RelativeId of a Rollback Trigger's ARN is incorrect",
    ),
}


@pytest.mark.parametrize(("given", "says"), REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused(lab: Lab, given: Any, says: str) -> None:
    with pytest.raises(ClientError, match=says) as refused:
        lab.clients.cloudformation.create_stack(StackName="guarded", TemplateBody=TOPIC, **given)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert lab.clients.cloudformation.describe_stacks()["Stacks"] == []


def test_resources_that_are_none_are_refused(lab: Lab) -> None:
    says = r"Template format error: Any Resources member must be an object\."
    with pytest.raises(ClientError, match=says):
        lab.clients.cloudformation.create_stack(
            StackName="none", TemplateBody=json.dumps({"Resources": "", "Outputs": ""})
        )


@pytest.mark.parametrize(("service", "allowed"), [("lambda", False), ("cloudformation", True)])
def test_a_role_has_to_trust_cloudformation(lab: Lab, service: str, allowed: bool) -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": [f"{service}.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    }
    role = lab.clients.iam.create_role(
        RoleName=f"of-{service}", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )["Role"]["Arn"]
    cloudformation, name = lab.clients.cloudformation, f"with-{service}"
    given: Any = {"StackName": name, "TemplateBody": TOPIC, "RoleARN": role}
    if not allowed:
        with pytest.raises(ClientError, match=f"Role {role} is invalid or cannot be assumed"):
            cloudformation.create_stack(**given)
        return
    cloudformation.create_stack(**given)
    assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["RoleARN"] == role
    cloudformation.delete_stack(StackName=name)


def test_the_role_of_cdk_is_taken_for_made_and_alarms_are_shown(lab: Lab) -> None:
    alarms: Any = {
        "RollbackTriggers": [{"Arn": ALARM, "Type": "AWS::CloudWatch::Alarm"}],
        "MonitoringTimeInMinutes": 3,
    }
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(
        StackName="cdk", TemplateBody=TOPIC, RoleARN=CDK, RollbackConfiguration=alarms
    )
    (stack,) = cloudformation.describe_stacks(StackName="cdk")["Stacks"]
    assert (stack["RollbackConfiguration"], stack["RoleARN"]) == (alarms, CDK)
    cloudformation.delete_stack(StackName="cdk")


def test_what_is_given_and_what_a_record_does_not_have_are_attributes(lab: Lab) -> None:
    text = """
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: shown}}
  Cluster:
    Type: AWS::Redshift::Cluster
    DeletionPolicy: Snapshot
    Properties:
      ClusterType: single-node
      DBName: db
      MasterUsername: me
      MasterUserPassword: Secret123
      NodeType: ra3.large
  Macro: {Type: AWS::CloudFormation::Macro, Properties: {Name: mine, FunctionName: f}}
Outputs:
  Shown: {Value: !GetAtt Topic.DisplayName}
  Host: {Value: !GetAtt Cluster.Endpoint.Address}
  Macro: {Value: !Ref Macro}
"""
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(StackName="attributes", TemplateBody=text)
    (stack,) = cloudformation.describe_stacks(StackName="attributes")["Stacks"]
    seen = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert (seen["Shown"], seen["Macro"]) == ("shown", "mine")
    assert seen["Host"].endswith(".us-east-1.redshift.amazonaws.com")
    detail = cloudformation.describe_stack_resource(StackName="attributes", LogicalResourceId="Cluster")
    assert "no snapshot is taken" in detail["StackResourceDetail"]["ResourceStatusReason"]
    cloudformation.delete_stack(StackName="attributes")


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (
            "{Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{KeyType: HASH}]}}",
            "#/KeySchema/0: required key [AttributeName] not found",
        ),
        (
            "{Type: AWS::StepFunctions::StateMachine, Properties: {RoleArn: a, DefinitionS3Location: s3://a/b}}",
            "#/DefinitionS3Location: expected type: JSONObject, found: String",
        ),
        (
            "{Type: AWS::IAM::Group, Properties: {Policies: [{PolicyDocument: {}}]}}",
            "#/Policies/0: required key [PolicyName] not found",
        ),
    ],
)
def test_a_resource_whose_properties_no_service_can_read_says_which(
    lab: Lab, resource: str, says: str
) -> None:
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(
        Capabilities=["CAPABILITY_IAM"], StackName="unread", TemplateBody=f"Resources:\n  Odd: {resource}\n"
    )
    events = cloudformation.describe_stack_events(StackName="unread")["StackEvents"]
    (reason,) = [e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert reason.startswith("Properties validation failed: ")
    assert says in reason
    cloudformation.delete_stack(StackName="unread")


def test_a_subscription_that_is_none_does_not_end_the_request(lab: Lab) -> None:
    text = "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {Subscription: [[[]]]}}}"
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(StackName="listed", TemplateBody=text)
    status = cloudformation.describe_stacks(StackName="listed")["Stacks"][0]["StackStatus"]
    assert status in ("CREATE_COMPLETE", "ROLLBACK_COMPLETE")
    cloudformation.delete_stack(StackName="listed")
