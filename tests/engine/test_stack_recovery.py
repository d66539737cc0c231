"""Stacks left in a failed state after a change: rolled back, or changed again."""

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


BAD = "  Bad: {Type: AWS::SNS::Topic, Properties: {TopicName: no name}}\n"
FIRST = """
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q, DelaySeconds: 1}}
  Named: {Type: AWS::SQS::Queue, Properties: {QueueName: n1}}
"""
SECOND = FIRST.replace("DelaySeconds: 1", "DelaySeconds: 2").replace("n1", "n2")


def described(lab: Lab, name: str) -> Any:
    return lab.clients.cloudformation.describe_stacks(StackName=name)["Stacks"][0]


def status(lab: Lab, name: str) -> str:
    found: str = described(lab, name)["StackStatus"]
    return found


def queues(lab: Lab) -> dict[str, str]:
    """The delay of each queue."""
    sqs = lab.clients.sqs
    return {
        url.rpartition("/")[2]: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"][
            "DelaySeconds"
        ]
        for url in sqs.list_queues().get("QueueUrls", [])
    }


def test_an_update_that_stayed_is_rolled_back_over_all_of_its_tries(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(StackName="tries", TemplateBody=FIRST)
    cloudformation.update_stack(StackName="tries", TemplateBody=SECOND + BAD, DisableRollback=True)
    assert (status(lab, "tries"), queues(lab)) == ("UPDATE_FAILED", {"q": "2", "n1": "0", "n2": "0"})
    third = SECOND.replace("DelaySeconds: 2", "DelaySeconds: 3") + BAD
    cloudformation.update_stack(StackName="tries", TemplateBody=third, DisableRollback=True)
    assert (status(lab, "tries"), queues(lab)) == ("UPDATE_FAILED", {"q": "3", "n1": "0", "n2": "0"})
    cloudformation.rollback_stack(StackName="tries")
    assert (status(lab, "tries"), queues(lab)) == ("UPDATE_ROLLBACK_COMPLETE", {"q": "1", "n1": "0"})
    cloudformation.delete_stack(StackName="tries")
    assert queues(lab) == {}


def test_a_creation_that_stayed_is_rolled_back_or_gone_on_with(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    for name in ("back", "on"):
        text = FIRST.replace("q,", f"q-{name},").replace("n1", f"n-{name}")
        cloudformation.create_stack(StackName=name, TemplateBody=text + BAD, DisableRollback=True)
        assert status(lab, name) == "CREATE_FAILED"
        with pytest.raises(ClientError, match=r"non-terminal \[CREATE_FAILED\] state"):
            cloudformation.update_stack(StackName=name, TemplateBody=text)
    cloudformation.rollback_stack(StackName="back")
    assert (status(lab, "back"), set(queues(lab))) == ("ROLLBACK_COMPLETE", {"q-on", "n-on"})
    cloudformation.update_stack(StackName="on", TemplateBody=text, DisableRollback=True)
    assert status(lab, "on") == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="is in UPDATE_COMPLETE state and can not be rolled back"):
        cloudformation.rollback_stack(StackName="on")
    with pytest.raises(ClientError, match="CancelUpdateStack cannot be called from current stack status"):
        cloudformation.cancel_update_stack(StackName="on")
    with pytest.raises(ClientError, match="is in UPDATE_COMPLETE state and can not continue rollback"):
        cloudformation.continue_update_rollback(StackName="on")
    for name in ("back", "on"):
        cloudformation.delete_stack(StackName=name)


FUNCTION = """
Parameters: {Code: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      {Handler: index.handler, Runtime: python3.13, Role: !GetAtt Role.Arn, Code: {ZipFile: !Ref Code}}
"""


TABLE = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}


@pytest.mark.parametrize("skip", [False, True])
def test_a_way_back_that_failed_is_gone_on_with(lab: Lab, skip: bool) -> None:
    cloudformation, name = lab.clients.cloudformation, f"stuck-{skip}".lower()

    def given(resources: str, code: str) -> Any:
        parameter = {"ParameterKey": "Code", "ParameterValue": code}
        text, able = f"{FUNCTION}{resources}", ["CAPABILITY_IAM"]
        return {"StackName": name, "TemplateBody": text, "Parameters": [parameter], "Capabilities": able}

    def table(**more: Any) -> str:
        declared = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": name, **TABLE, **more}}
        return f"  Table: {json.dumps(declared)}\n"

    cloudformation.create_stack(**given(table(), "def handler(e, c): return 1"))
    # During the update, its custom resource deletes the table, so the rollback fails.
    takes = f"import boto3\ndef handler(e, c): boto3.client('dynamodb').delete_table(TableName='{name}')"
    thief = "  Thief: {Type: Custom::T, DependsOn: Table, Properties: {ServiceToken: !GetAtt Function.Arn}}\n"
    changed = table(StreamSpecification={"StreamViewType": "NEW_IMAGE"})
    cloudformation.update_stack(**given(changed + thief, takes))
    assert status(lab, name) == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(ClientError, match="is in UPDATE_ROLLBACK_FAILED state and can not be updated"):
        cloudformation.update_stack(**given(table(), takes))
    with pytest.raises(ClientError, match=r"\[Role\] cannot be skipped"):
        cloudformation.continue_update_rollback(StackName=name, ResourcesToSkip=["Role"])
    if skip:
        cloudformation.continue_update_rollback(StackName=name, ResourcesToSkip=["Table"])
    else:
        cloudformation.continue_update_rollback(StackName=name)
        assert status(lab, name) == "UPDATE_ROLLBACK_FAILED"
        lab.clients.dynamodb.create_table(TableName=name, **TABLE)  # type: ignore[arg-type]
        cloudformation.continue_update_rollback(StackName=name)
    assert status(lab, name) == "UPDATE_ROLLBACK_COMPLETE"
    cloudformation.delete_stack(StackName=name)
