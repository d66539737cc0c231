"""SAM templates become CloudFormation templates, with local paths for `aws cloudformation package`."""

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
    """The resources that SAM generates. The translated template is valid for CloudFormation."""
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


ALIAS = {"AutoPublishAlias": "live"}
API = {"StageName": "a", "DefinitionBody": {"openapi": "3.0.1", "paths": {"/x": {"get": {}}}}}
HTTP_API = {"DefinitionBody": {"openapi": "3.0.1", "paths": {"/x": {"get": {}}}}}
DOMAIN = {"DomainName": "api.example.com", "CertificateArn": ARN, "Route53": {"HostedZoneId": "Z1"}}
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:q"
BUCKET = "arn:aws:s3:::logs"
GLOBALS: dict[str, dict[str, Any]] = {
    "Function": {
        "Architectures": ["arm64"],
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "AutoPublishAlias": "live",
        "AutoPublishAliasAllProperties": (ALIAS, True),
        "CodeSigningConfigArn": ARN,
        "CodeUri": "./all",
        "DeadLetterQueue": {"Type": "SQS", "TargetArn": QUEUE},
        "DeploymentPreference": (ALIAS, {"Type": "AllAtOnce"}),
        "Description": "what it does",
        "Environment": {"Variables": {"A": "1"}},
        "EphemeralStorage": {"Size": 1024},
        "EventInvokeConfig": {"MaximumRetryAttempts": 1},
        "FileSystemConfigs": [{"Arn": ARN, "LocalMountPath": "/mnt/a"}],
        "FunctionUrlConfig": {"AuthType": "AWS_IAM"},
        "Handler": "all.handler",
        "KmsKeyArn": ARN,
        "Layers": [ARN],
        "LoggingConfig": {"LogFormat": "JSON"},
        "MemorySize": 512,
        "PermissionsBoundary": ARN,
        "PropagateTags": ({"Tags": {"team": "a"}}, True),
        "ProvisionedConcurrencyConfig": (ALIAS, {"ProvisionedConcurrentExecutions": 2}),
        "PublishToLatestPublished": True,
        "RecursiveLoop": "Terminate",
        "ReservedConcurrentExecutions": 3,
        "RolePath": "/of/mine/",
        "Runtime": "python3.12",
        "RuntimeManagementConfig": {"UpdateRuntimeOn": "Auto"},
        "SnapStart": {"ApplyOn": "PublishedVersions"},
        "SourceKMSKeyArn": ({"CodeUri": "s3://bucket/key"}, ARN),
        "Tags": {"team": "a"},
        "TenancyConfig": {"TenantIsolationMode": "PER_TENANT"},
        "Timeout": 30,
        "Tracing": "Active",
        "VersionDeletionPolicy": (ALIAS, "Delete"),
        "VpcConfig": VPC,
    },
    "Api": {
        "AccessLogSetting": {"DestinationArn": ARN},
        "AlwaysDeploy": True,
        "Auth": {"ApiKeyRequired": True},
        "BinaryMediaTypes": ["image~1png"],
        "CacheClusterEnabled": True,
        "CacheClusterSize": "0.5",
        "CanarySetting": {"PercentTraffic": 10},
        "Cors": "'*'",
        "Domain": DOMAIN,
        "EndpointAccessMode": "BASIC",
        "EndpointConfiguration": "REGIONAL",
        "GatewayResponses": {"DEFAULT_4XX": {"StatusCode": 400}},
        "MergeDefinitions": True,
        "MethodSettings": [{"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": "INFO"}],
        "MinimumCompressionSize": 1024,
        "Name": "mine",
        "OpenApiVersion": "3.0.1",
        "PropagateTags": ({"Tags": {"team": "a"}}, True),
        "SecurityPolicy": "SecurityPolicy_TLS13_1_3_2025_09",
        "TracingEnabled": True,
        "Variables": {"A": "1"},
    },
    "HttpApi": {
        "AccessLogSettings": {"DestinationArn": ARN, "Format": "$context.requestId"},
        "Auth": {"EnableIamAuthorizer": True, "DefaultAuthorizer": "AWS_IAM"},
        "CorsConfiguration": True,
        "DefaultRouteSettings": {"ThrottlingBurstLimit": 5},
        "Domain": DOMAIN,
        "FailOnWarnings": True,
        "PropagateTags": ({"Tags": {"team": "a"}}, True),
        "RouteSettings": {"GET /x": {"ThrottlingBurstLimit": 5}},
        "StageVariables": {"A": "1"},
        "Tags": {"team": "a"},
    },
    "SimpleTable": {"SSESpecification": {"SSEEnabled": True}},
    "StateMachine": {"PropagateTags": ({"Tags": {"team": "a"}}, True)},
    "LayerVersion": {"PublishLambdaVersion": False},
}
"""A value for each property that Globals supports, with the properties that it requires."""
WITHOUT = {
    "Function": FUNCTION,
    "Api": API,
    "HttpApi": HTTP_API,
    "SimpleTable": {},
    "StateMachine": {"DefinitionUri": "./flow.asl.json"},
    "LayerVersion": {"ContentUri": "./layer"},
}


ALONE = {("Api", "MergeDefinitions"), ("HttpApi", "PropagateTags")}
"""Properties that change nothing on their own."""


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in GLOBALS.items() for name in names]
)
def test_a_value_of_globals_counts_as_the_resources_own(kind: str, name: str) -> None:
    entry = GLOBALS[kind][name]
    besides, value = entry if isinstance(entry, tuple) else ({}, entry)
    type_ = f"AWS::Serverless::{kind}"
    others = {**WITHOUT[kind], **besides}
    others.pop(name, None)
    own = made({"It": {"Type": type_, "Properties": {**others, name: value}}})
    shared = made({"It": {"Type": type_, "Properties": others}}, Globals={kind: {name: value}})
    assert shared == own
    if (kind, name) not in ALONE:
        assert shared != made({"It": {"Type": type_, "Properties": {**WITHOUT[kind], **besides}}})


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
    found = made({"It": function(Policies=["AWSStepFunctionsFullAccess", "AmazonS3TablesFullAccess"])})
    assert found["ItRole"]["Properties"]["ManagedPolicyArns"] == [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess",
        "arn:aws:iam::aws:policy/AmazonS3TablesFullAccess",
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
            "It: an application from the Serverless Application Repository",
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
