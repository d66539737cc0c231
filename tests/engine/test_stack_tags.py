"""Stack tags are also applied to the stack's resources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from contract import Lab

from harness.engine.moto.engine import MotoEngine
from harness.stack.deploy import CAPABILITIES


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the stacks of the embedded engine")


TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
FLOW = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
OWN = [{"Key": "own", "Value": "yes"}]
TEMPLATE = {
    "Resources": {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"Tags": OWN}},
        "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"Tags": [*OWN, {"Key": "stage", "Value": "mine"}]},
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Statement": [TRUST]}},
        },
        "Flow": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "DefinitionString": json.dumps(FLOW),
            },
        },
        "Topic": {"Type": "AWS::SNS::Topic"},
    }
}
BAD = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "no name"}}


def given(**tags: str) -> Any:
    return {
        "StackName": "tagged",
        "TemplateBody": json.dumps(TEMPLATE),
        "Capabilities": CAPABILITIES,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def seen(lab: Lab) -> dict[str, dict[str, str]]:
    """The tags of each resource."""
    clients = lab.clients
    listed = clients.cloudformation.describe_stack_resources(StackName="tagged")["StackResources"]
    ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed}
    role = clients.iam.list_role_tags(RoleName=ids["Role"])["Tags"]
    flow = clients.stepfunctions.list_tags_for_resource(resourceArn=ids["Flow"])["tags"]
    topic = clients.sns.list_tags_for_resource(ResourceArn=ids["Topic"])["Tags"]
    return {
        "Queue": dict(clients.sqs.list_queue_tags(QueueUrl=ids["Queue"]).get("Tags", {})),
        "Role": {each["Key"]: each["Value"] for each in role},
        "Flow": {each["key"]: each["value"] for each in flow},
        "Topic": {each["Key"]: each["Value"] for each in topic},
    }


def wanted(tags: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        "Queue": {"own": "yes", **tags, "stage": "mine"},
        "Role": dict(tags),
        "Flow": dict(tags),
        "Topic": dict(tags),
    }


def test_resources_have_the_tags_of_their_stack_and_get_others_with_it(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(**given(stage="test", team="a"))
    (stack,) = cloudformation.describe_stacks(StackName="tagged")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert seen(lab) == wanted({"stage": "test", "team": "a"})
    cloudformation.update_stack(**given(stage="test", team="b"))
    assert seen(lab) == wanted({"stage": "test", "team": "b"})
    bad = {"Resources": {**TEMPLATE["Resources"], "Bad": BAD}}
    cloudformation.update_stack(**{**given(team="c"), "TemplateBody": json.dumps(bad)})
    (stack,) = cloudformation.describe_stacks(StackName="tagged")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert seen(lab) == wanted({"stage": "test", "team": "b"})
    cloudformation.delete_stack(StackName="tagged")
