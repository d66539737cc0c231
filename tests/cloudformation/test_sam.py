"""SAM templates become CloudFormation's, with local paths where `aws cloudformation package` takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.prepare import prepare
from harness.cloudformation.sam import SAM, translated
from harness.cloudformation.static_names import Surroundings

HERE: Mapping[str, Any] = {
    "AWS::AccountId": "123456789012",
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/s/1",
    "AWS::StackName": "s",
    "AWS::URLSuffix": "amazonaws.com",
}
ARN = "arn:aws:lambda:eu-west-1:123456789012:layer:l:1"
VPC = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
BY_SAM = {"Key": "lambda:createdBy", "Value": "SAM"}
FUNCTION = {"CodeUri": "./fn", "Handler": "app.handler", "Runtime": "python3.13"}


def template(resources: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"Transform": SAM, **more, "Resources": dict(resources)}


def function(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Serverless::Function", "Properties": {**FUNCTION, **properties}}


def made(resources: Mapping[str, Any], given: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """The resources that SAM makes; the translated template is one that CloudFormation takes."""
    found = translated(template(resources, **more), given or {}, "eu-west-1")
    prepare(found, given or {}, Surroundings(HERE, lambda _: "value", lambda _: ["eu-west-1a"]))
    resources_made = found["Resources"]
    assert isinstance(resources_made, dict)
    return resources_made


def policy_templates() -> dict[str, Any]:
    package = find_spec("samtranslator")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "policy_templates_data" / "policy_templates.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["Templates"]
    return found


@pytest.mark.parametrize(
    ("kind", "properties", "of", "where"),
    [
        ("Function", FUNCTION, "AWS::Lambda::Function", "Code"),
        ("LayerVersion", {"ContentUri": "./fn"}, "AWS::Lambda::LayerVersion", "Content"),
        (
            "StateMachine",
            {"DefinitionUri": "./fn"},
            "AWS::StepFunctions::StateMachine",
            "DefinitionS3Location",
        ),
        ("Api", {"DefinitionUri": "./fn", "StageName": "a"}, "AWS::ApiGateway::RestApi", "BodyS3Location"),
        ("HttpApi", {"DefinitionUri": "./fn"}, "AWS::ApiGatewayV2::Api", "BodyS3Location"),
    ],
)
def test_a_local_path_stays_one(kind: str, properties: dict[str, Any], of: str, where: str) -> None:
    found = made({"It": {"Type": f"AWS::Serverless::{kind}", "Properties": properties}})
    (resource,) = [entry for entry in found.values() if entry["Type"] == of]
    assert resource["Properties"][where] == "./fn"


@pytest.mark.parametrize("code", ["s3://bucket/key", {"Bucket": "bucket", "Key": "key"}])
def test_an_object_in_s3_stays_one(code: Any) -> None:
    assert made({"It": function(CodeUri=code)})["It"]["Properties"]["Code"] == {
        "S3Bucket": "bucket",
        "S3Key": "key",
    }


def test_a_function_without_code_has_the_folder_of_the_template() -> None:
    properties = {key: value for key, value in FUNCTION.items() if key != "CodeUri"}
    found = made({"It": {"Type": "AWS::Serverless::Function", "Properties": properties}})
    assert found["It"]["Properties"]["Code"] == "."
    shared = made(
        {"It": {"Type": "AWS::Serverless::Function", "Properties": properties}},
        Globals={"Function": {"CodeUri": "./all"}},
    )
    assert shared["It"]["Properties"]["Code"] == "./all"


def test_null_in_a_definition_is_kept() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "ResultPath": None, "End": True}}}
    flow = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": definition}}
    text = made({"Flow": flow})["Flow"]["Properties"]["DefinitionString"]
    assert json.loads("".join(text["Fn::Join"][1])) == definition


@pytest.mark.parametrize("name", sorted(policy_templates()))
def test_each_policy_template_becomes_a_policy_of_the_role(name: str) -> None:
    parameters = dict.fromkeys(policy_templates()[name]["Parameters"], "value")
    found = made({"It": function(Policies=[{name: parameters}])})
    (policy,) = found["ItRole"]["Properties"]["Policies"]
    assert policy["PolicyName"] == "ItRolePolicy0"
    assert policy["PolicyDocument"]["Statement"]


GLOBALS: dict[str, tuple[Any, str, Any]] = {
    "Architectures": (["arm64"], "Architectures", ["arm64"]),
    "AutoPublishAlias": ("live", "", None),
    "DeadLetterQueue": (
        {"Type": "SQS", "TargetArn": "arn:aws:sqs:eu-west-1:123456789012:q"},
        "DeadLetterConfig",
        {"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:q"},
    ),
    "Environment": ({"Variables": {"A": "1"}}, "Environment", {"Variables": {"A": "1"}}),
    "EphemeralStorage": ({"Size": 1024}, "EphemeralStorage", {"Size": 1024}),
    "KmsKeyArn": (ARN, "KmsKeyArn", ARN),
    "Layers": ([ARN], "Layers", [ARN]),
    "LoggingConfig": ({"LogFormat": "JSON"}, "LoggingConfig", {"LogFormat": "JSON"}),
    "MemorySize": (512, "MemorySize", 512),
    "ReservedConcurrentExecutions": (3, "ReservedConcurrentExecutions", 3),
    "Tags": ({"team": "a"}, "Tags", [BY_SAM, {"Key": "team", "Value": "a"}]),
    "Timeout": (30, "Timeout", 30),
    "Tracing": ("Active", "TracingConfig", {"Mode": "Active"}),
    "VpcConfig": (VPC, "VpcConfig", VPC),
}


@pytest.mark.parametrize("name", GLOBALS)
def test_globals_count_for_each_function(name: str) -> None:
    value, key, expected = GLOBALS[name]
    found = made({"It": function()}, Globals={"Function": {name: value}})
    if key:
        assert found["It"]["Properties"][key] == expected
    else:
        assert "ItAliaslive" in found


def test_parameters_count_with_their_defaults() -> None:
    declared = {"Alias": {"Type": "String", "Default": "live"}}
    resources = {"It": function(AutoPublishAlias={"Ref": "Alias"})}
    assert "ItAliaslive" in made(resources, Parameters=declared)
    assert "ItAliasblue" in made(resources, {"Alias": "blue"}, Parameters=declared)


def test_connectors_and_events_make_their_resources() -> None:
    flow = {
        "Type": "AWS::Serverless::StateMachine",
        "Connectors": {"Call": {"Properties": {"Destination": {"Id": "It"}, "Permissions": ["Write"]}}},
        "Properties": {
            "DefinitionUri": "./flow.asl.json",
            "Events": {"Daily": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}}},
        },
    }
    kinds = {entry["Type"] for entry in made({"It": function(), "Flow": flow}).values()}
    assert {"AWS::IAM::ManagedPolicy", "AWS::Events::Rule"} <= kinds


def test_managed_policies_are_known_by_name() -> None:
    found = made({"It": function(Policies=["AWSStepFunctionsFullAccess", "AmazonS3ReadOnlyAccess"])})
    assert found["ItRole"]["Properties"]["ManagedPolicyArns"] == [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess",
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    ]


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (
            function(DurableConfig={"ExecutionTimeout": 1}),
            "It.DurableConfig: a durable function is not",
        ),
        (function(CapacityProviderConfig={}), "It.CapacityProviderConfig: a function on a capacity provider"),
        ({"Type": "AWS::Serverless::WebFunction", "Properties": {}}, "It (AWS::Serverless::WebFunction)"),
        (
            {"Type": "AWS::Serverless::CapacityProvider", "Properties": {}},
            "It (AWS::Serverless::Capacity",
        ),
        (
            {"Type": "AWS::Serverless::Application", "Properties": {"Location": {"ApplicationId": "a"}}},
            "It: an application of the Serverless Application Repository",
        ),
        (function(Events={"E": {"Type": "Nope"}}), "Transform AWS::Serverless-2016-10-31 failed with: "),
    ],
)
def test_what_is_not_served_or_wrong_is_refused_by_name(resource: dict[str, Any], says: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        made({"It": resource})
    assert says in str(refused.value)
    assert refused.value.faults[0].keys[:2] == ("Resources", "It")


def test_each_resource_that_sam_refuses_is_told() -> None:
    wrong = {"Type": "AWS::Serverless::Function", "Properties": {"InlineCode": "a"}}
    with pytest.raises(TemplateRefused) as refused:
        made({"One": wrong, "Two": wrong})
    assert [fault.keys[1] for fault in refused.value.faults] == ["One", "Two"]


@pytest.mark.parametrize("resources", [None, {}, {"It": "text"}])
def test_a_template_without_resources_is_refused(resources: Any) -> None:
    with pytest.raises(TemplateRefused, match="Transform AWS::Serverless-2016-10-31 failed with"):
        translated({"Transform": SAM, "Resources": resources} if resources != {} else {}, {}, "eu-west-1")


def test_loops_are_written_out_before_sam() -> None:
    resources = {"Fn::ForEach::Each": ["Name", ["Red", "Blue"], {"Fn${Name}": function()}]}
    given = {**template(resources), "Transform": ["AWS::LanguageExtensions", SAM]}
    found = prepare(given, {}, Surroundings(HERE, lambda _: None, lambda _: []))
    assert {"FnRed", "FnBlue", "FnRedRole", "FnBlueRole"} == set(found.order)
