"""Roles and macros in a template must be acknowledged, as on AWS."""

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


def template(**properties: str) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {"AssumeRolePolicyDocument": {"Statement": [trust]}, **properties}
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}


PLAIN, NAMED = template(), template(RoleName="mine")
EXTENDED = {"Transform": "AWS::LanguageExtensions", **PLAIN}
QUEUE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}


@pytest.mark.parametrize(
    ("text", "given", "needs"),
    [
        (PLAIN, [], "CAPABILITY_IAM"),
        (PLAIN, ["CAPABILITY_AUTO_EXPAND"], "CAPABILITY_IAM"),
        (PLAIN, ["CAPABILITY_IAM"], ""),
        (PLAIN, ["CAPABILITY_NAMED_IAM"], ""),
        (NAMED, ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
        (NAMED, ["CAPABILITY_NAMED_IAM"], ""),
        (EXTENDED, ["CAPABILITY_IAM"], "CAPABILITY_AUTO_EXPAND"),
        (EXTENDED, ["CAPABILITY_AUTO_EXPAND"], "CAPABILITY_IAM"),
        (EXTENDED, ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"], ""),
        (QUEUE, [], ""),
    ],
)
def test_a_stack_needs_them(lab: Lab, text: Any, given: Any, needs: str) -> None:
    cloudformation = lab.clients.cloudformation
    if needs:
        _refused(lab, text, given, needs)
    else:
        cloudformation.create_stack(StackName="capable", TemplateBody=json.dumps(text), Capabilities=given)
    there = [each["StackName"] for each in cloudformation.describe_stacks()["Stacks"]]
    assert there == ([] if needs else ["capable"])
    cloudformation.delete_stack(StackName="capable")


def _refused(lab: Lab, text: Any, given: Any, needs: str) -> None:
    with pytest.raises(ClientError) as refused:
        lab.clients.cloudformation.create_stack(
            StackName="capable", TemplateBody=json.dumps(text), Capabilities=given
        )
    error = refused.value.response["Error"]
    assert error["Code"] == "InsufficientCapabilitiesException"
    assert error["Message"] == f"Requires capabilities : [{needs}]"


def test_a_change_set_needs_those_for_roles_and_expands_without_being_told(lab: Lab) -> None:
    cloudformation = lab.clients.cloudformation
    given: Any = {"ChangeSetName": "plan", "ChangeSetType": "CREATE"}
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_IAM\]"):
        cloudformation.create_change_set(StackName="plain", TemplateBody=json.dumps(PLAIN), **given)
    cloudformation.create_change_set(StackName="extended", TemplateBody=json.dumps(EXTENDED), **given)
    found = cloudformation.describe_change_set(StackName="extended", ChangeSetName="plan")
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert found["StatusReason"] == "Requires capabilities : [CAPABILITY_IAM]"
    queue = {"Transform": "AWS::LanguageExtensions", **QUEUE}
    cloudformation.create_change_set(StackName="queue", TemplateBody=json.dumps(queue), **given)
    cloudformation.execute_change_set(StackName="queue", ChangeSetName="plan")
    (stack,) = cloudformation.describe_stacks(StackName="queue")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="CAPABILITY_IAM"):
        cloudformation.update_stack(StackName="queue", TemplateBody=json.dumps(PLAIN))
    for name in ("extended", "queue"):
        cloudformation.delete_stack(StackName=name)


def test_an_inner_stack_needs_them_of_the_outer_one(lab: Lab) -> None:
    lab.clients.s3.create_bucket(Bucket="inner-templates")
    lab.clients.s3.put_object(Bucket="inner-templates", Key="t.json", Body=json.dumps(PLAIN).encode())
    url = "https://inner-templates.s3.amazonaws.com/t.json"
    outer = {"Resources": {"In": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}}}
    lab.clients.cloudformation.create_stack(StackName="outer", TemplateBody=json.dumps(outer))
    events = lab.clients.cloudformation.describe_stack_events(StackName="outer")["StackEvents"]
    (reason,) = [e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert reason == "Requires capabilities : [CAPABILITY_IAM]"
    lab.clients.cloudformation.delete_stack(StackName="outer")


def test_only_types_that_are_allowed_are_made_and_only_capabilities_that_there_are_are_given(
    lab: Lab,
) -> None:
    cloudformation: Any = lab.clients.cloudformation
    text = json.dumps(QUEUE)
    says = r"Resource type AWS::SQS::Queue is not allowed by parameter ResourceTypes \[AWS::SNS::\*\]"
    with pytest.raises(ClientError, match=says):
        cloudformation.create_stack(StackName="typed", TemplateBody=text, ResourceTypes=["AWS::SNS::*"])
    cloudformation.create_stack(StackName="typed", TemplateBody=text, ResourceTypes=["AWS::SQS::*"])
    with pytest.raises(ClientError, match=r"failed to satisfy constraint: .*\[CAPABILITY_IAM"):
        cloudformation.create_stack(StackName="odd", TemplateBody=text, Capabilities=["CAPABILITY_X"])
    cloudformation.delete_stack(StackName="typed")
