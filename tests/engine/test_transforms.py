"""Templates with transforms, sent to the engine's API by AWS clients: SAM and AWS::Include."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab

from harness.stack.deploy import CAPABILITIES

SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: "def handler(e, c): return 7", Handler: index.handler, Runtime: python3.13}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Task, Resource: "${Hello}", ResultPath: null, End: true}}}
      DefinitionSubstitutions: {Hello: !GetAtt Hello.Arn}
      Policies: [{LambdaInvokePolicy: {FunctionName: !Ref Hello}}]
"""
INCLUDE = """
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: "s3://parts/topic.yaml"}}
Outputs:
  Name: {Value: !GetAtt Topic.TopicName}
"""


def created(lab: Lab, text: str, name: str) -> Any:
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(StackName=name, TemplateBody=text, Capabilities=CAPABILITIES)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return stack


def test_a_sam_template_is_translated(lab: Lab) -> None:
    assert created(lab, SAM, "made")["StackStatus"] == "CREATE_COMPLETE"
    cloudformation = lab.clients.cloudformation
    listed = cloudformation.list_stack_resources(StackName="made")["StackResourceSummaries"]
    assert {each["LogicalResourceId"] for each in listed} == {"Flow", "FlowRole", "Hello", "HelloRole"}
    machine = next(r["PhysicalResourceId"] for r in listed if r["LogicalResourceId"] == "Flow")
    states = lab.clients.client("stepfunctions")
    definition = json.loads(states.describe_state_machine(stateMachineArn=machine)["definition"])
    assert definition["States"]["A"]["ResultPath"] is None
    assert ":function:made-Hello-" in definition["States"]["A"]["Resource"]


def test_both_stages_of_a_template_are_shown(lab: Lab) -> None:
    created(lab, SAM, "shown")
    cloudformation = lab.clients.cloudformation
    original = cloudformation.get_template(StackName="shown")
    assert "AWS::Serverless::Function" in str(original["TemplateBody"])
    assert original["StagesAvailable"] == ["Original", "Processed"]
    processed = cloudformation.get_template(StackName="shown", TemplateStage="Processed")["TemplateBody"]
    assert processed["Resources"]["Hello"]["Type"] == "AWS::Lambda::Function"  # type: ignore[index,call-overload]


def test_an_include_is_read_from_the_engine_s_s3(lab: Lab) -> None:
    lab.clients.create_bucket("parts")
    lab.clients.s3.put_object(Bucket="parts", Key="topic.yaml", Body=b"TopicName: included\n")
    assert created(lab, INCLUDE, "included")["Outputs"][0]["OutputValue"] == "included"


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("s3://nowhere/topic.yaml", "s3://nowhere/topic.yaml does not exist in the engine"),
        ("./topic.yaml", "The location parameter is not a valid S3 uri."),
    ],
)
def test_an_include_that_is_not_there_is_refused(lab: Lab, location: str, says: str) -> None:
    with pytest.raises(ClientError) as refused:
        created(lab, INCLUDE.replace("s3://parts/topic.yaml", location), "refused")
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert f"Transform AWS::Include failed with: {location}: {says}" in str(refused.value)


def test_the_place_of_an_include_may_depend_on_parameters_and_both_stages_are_shown(lab: Lab) -> None:
    lab.clients.s3.create_bucket(Bucket="places")
    lab.clients.s3.put_object(Bucket="places", Key="topic.yaml", Body=b"TopicName: from-a-place")
    text = "Parameters: {Where: {Type: String}}" + INCLUDE.replace(
        '"s3://parts/topic.yaml"', '!Sub "s3://${Where}/topic.yaml"'
    )
    cloudformation = lab.clients.cloudformation
    cloudformation.create_stack(
        Capabilities=CAPABILITIES,
        StackName="placed",
        TemplateBody=text,
        Parameters=[{"ParameterKey": "Where", "ParameterValue": "places"}],
    )
    (stack,) = cloudformation.describe_stacks(StackName="placed")["Stacks"]
    assert stack["Outputs"][0]["OutputValue"] == "from-a-place"
    shown: Any = cloudformation.get_template(StackName="placed", TemplateStage="Processed")["TemplateBody"]
    assert shown["Resources"]["Topic"]["Properties"] == {"TopicName": "from-a-place"}


def test_an_update_of_a_template_with_macros_is_never_without_a_change(lab: Lab) -> None:
    text = "Transform: AWS::LanguageExtensions\nResources: {Topic: {Type: AWS::SNS::Topic}}\n"
    cloudformation = lab.clients.cloudformation
    given: Any = {"StackName": "macros", "TemplateBody": text, "Capabilities": CAPABILITIES}
    cloudformation.create_stack(**given)
    cloudformation.update_stack(**given)
    (stack,) = cloudformation.describe_stacks(StackName="macros")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
