"""Resources and parameters of tasks as AWS takes and refuses them, in definitions and when a task starts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tasks_support import FUNCTION, Bench, task

from harness.service_names import SDK_NAMES, java_member
from harness.states import InvalidDefinition, parse
from harness.states.payload import to_text
from harness.states.resource import Resource
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.functions import FunctionAnswer
from harness.stepfunctions.integrations.catalog import Catalog
from harness.stepfunctions.integrations.models import Models
from harness.stepfunctions.integrations.optimized import OPTIMIZED
from harness.stepfunctions.integrations.sdk import RETIRED, boto3_service

CATALOG = Catalog()
AT = "at /States/T/Parameters"


def problems(resource: str, parameters: Any = None, **fields: Any) -> list[str]:
    """The problems of a machine with this task, without AWS's code; none when it is valid."""
    arn = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
    if parameters is not None:
        fields["Parameters"] = parameters
    try:
        parse(json.dumps({"StartAt": "T", "States": task(arn, **fields)}), CATALOG)
    except InvalidDefinition as error:
        return [str(problem).removeprefix("SCHEMA_VALIDATION_FAILED: ") for problem in error.problems]
    return []


@pytest.mark.parametrize(
    "resource",
    [
        "aws-sdk:s3:ListBuckets",
        "aws-sdk:s3:listBukets",
        "aws-sdk:S3:listBuckets",
        "aws-sdk:nothing:do",
        "aws-sdk:logs:putLogEvents",
        "aws-sdk:events:putEvents",
        "aws-sdk:stepfunctions:startExecution",
        "aws-sdk:cognito-idp:adminGetUser",
        "aws-sdk:s3:listBuckets.sync",
        "aws-sdk:s3:selectObjectContent",  # a stream of events
        "aws-sdk:sts:assumeRole",
        "aws-sdk:apigatewaymanagementapi:postToConnection",
        "aws-sdk:s3",
        "sns:publish.sync",
        "sns:publishh",
        "sns:Publish",
        "sqs:sendMessage.sync:2",
        "sqs:sendMessageBatch",
        "lambda:invoke.sync",
        "lambda:invokeAsync",
        "dynamodb:scan",
        "dynamodb:query",
        "dynamodb:putItem.waitForTaskToken",
        "states:startExecution.sync:3",
        "states:stopExecution",
        "batch:submitJob.waitForTaskToken",
        "glue:startCrawler",
        "athena:startQuery",
        "ecs:stopTask",
        "events:putEvents.sync",
        "s3:getObject",
        "nothing:do",
        "arn:aws:states:us-east-1:123456789012:stateMachine:other",
        "arn:aws:states:us-east-1:123456789012:sns:publishh",
    ],
)
def test_a_resource_that_aws_does_not_have_is_not_recognized(resource: str) -> None:
    arn = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
    assert problems(resource, {}) == [
        f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, "
        "or the resource is not available in this region. at /States/T/Resource"
    ]


ENTRIES = [{"Detail": {"a": 1}, "DetailType": "x", "EventBusName": "b", "Source": "s"}]
KUBERNETES = {"ClusterName": "a", "CertificateAuthority": "b", "Endpoint": "c"}
ACCEPTED: list[tuple[str, Any]] = [
    ("aws-sdk:s3:listBuckets", {}),
    ("aws-sdk:cloudwatchlogs:putLogEvents", {"LogGroupName": "a"}),
    ("aws-sdk:eventbridge:putEvents", {"Entries": ENTRIES}),
    ("aws-sdk:cognitoidentityprovider:adminGetUser", {"UserPoolId": "a"}),
    ("aws-sdk:costexplorer:getCostAndUsage", {"Granularity": "DAILY"}),
    ("aws-sdk:databasemigration:startReplicationTask", {"ReplicationTaskArn.$": "$.a"}),
    ("aws-sdk:elasticloadbalancingv2:describeTargetHealth", {"TargetGroupArn": "a"}),
    ("aws-sdk:config:describeConfigRules", {}),
    ("aws-sdk:sesv2:sendEmail", {"Content": {"Simple": {}}}),
    ("aws-sdk:sfn:startExecution.waitForTaskToken", {"StateMachineArn": "a", "Input": {"a": 1}}),
    ("aws-sdk:rds:startDBCluster", {"DbClusterIdentifier.$": "$.x"}),
    ("aws-sdk:rds:startDBCluster", {"DBClusterIdentifier.$": "$.x"}),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": {"a": 1}}),
    ("aws-sdk:dynamodb:putItem", {"Item": {"a": {"Bool": True}, "b": {"Ss": ["x"]}, "c": {"Nul": True}}}),
    ("arn:aws:states:us-east-1:123456789012:aws-sdk:s3:getObject", {"Bucket": "a", "Key": "b"}),
    ("arn:aws-us-gov:states:::lambda:invoke", {"FunctionName": "a"}),
    ("arn:aws-cn:states:cn-north-1:123456789012:sns:publish", {"TopicArn": "a", "Message": "b"}),
    ("lambda:invoke", {"FunctionName.$": "$.f", "Payload.$": "$", "Qualifier": "live"}),
    ("lambda:invoke", {"FunctionName": "f", "Payload": None, "LogType": "Tail", "InvocationType": "Event"}),
    ("lambda:invoke.waitForTaskToken", {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}}),
    ("sns:publish", {"TopicArn": "x", "Message": {"a": 1}, "Subject.$": "$.s"}),
    ("sns:publish.waitForTaskToken", {"PhoneNumber": "x", "Message": "y", "MessageGroupId": "z"}),
    ("sqs:sendMessage.waitForTaskToken", {"QueueUrl": "a", "MessageBody": {"token.$": "$$.Task.Token"}}),
    ("dynamodb:putItem", {"TableName": "t", "Item": {"n": {"N.$": "States.Format('{}', $.n)"}}}),
    ("dynamodb:putItem", {"TableName": "t", "Item": {"id.$": "$.id", "name": "text"}}),
    ("dynamodb:putItem", {"TableName": "t", "Item.$": "$.item"}),
    ("dynamodb:updateItem", {"TableName": "t", "Key": {"id": {"S": "a"}}, "UpdateExpression": "SET a = b"}),
    ("states:startExecution.sync:2", {"StateMachineArn": "a", "Input": {"x.$": "$"}, "Name": "n"}),
    ("events:putEvents", {"Entries": ENTRIES}),
    (
        "ecs:runTask.sync",
        {
            "TaskDefinition": "x",
            "Overrides": {"ContainerOverrides": [{"Name": "c", "Command.$": "$.c"}]},
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["a"]}},
        },
    ),
    (
        "batch:submitJob.sync",
        {"JobDefinition": "a", "JobName": "b", "JobQueue": "c", "RetryStrategy": {"attempts": 5}},
    ),
    ("glue:startJobRun.sync", {"JobName": "a", "Arguments": {"--x.$": "$.x"}}),
    ("athena:startQueryExecution.sync", {"QueryString": "a", "WorkGroup": "w"}),
    (
        "apigateway:invoke.waitForTaskToken",
        {"ApiEndpoint": "a", "Method": "GET", "Headers": {"a": ["b"]}, "RequestBody": {"a": 1}},
    ),
    ("http:invoke", {"ApiEndpoint": "https://x", "Method": "GET", "Authentication": {"ConnectionArn": "a"}}),
    ("bedrock:invokeModel", {"ModelId": "x", "Body": {"a": 1}, "ContentType": "application/json"}),
    (
        "bedrockagentcore:invokeHarness",
        {
            "HarnessArn": "x",
            "RuntimeSessionId.$": "$$.Execution.Name",
            "Messages": [{"Role": "user", "Content": [{"Text.$": "$.prompt"}]}],
            "SystemPrompt": [{"Text": "Answer concisely."}],
            "MaxIterations": 50,
        },
    ),
    ("elasticmapreduce:createCluster.sync", {"Name": "x", "Instances": {"InstanceGroups.$": "$.g"}}),
    ("eks:runJob.sync", {**KUBERNETES, "Job": {"apiVersion": "batch/v1"}, "LogOptions": {}}),
    ("mediaconvert:createJob.sync", {"Role": "a", "Settings": {}}),
]


@pytest.mark.parametrize(("resource", "parameters"), ACCEPTED, ids=[each[0] for each in ACCEPTED])
def test_a_task_that_aws_takes_is_valid(resource: str, parameters: Any) -> None:
    assert problems(resource, parameters) == []


@pytest.mark.parametrize(
    ("resource", "parameters", "problem"),
    [
        ("sns:publish", {"TopicARN": "x", "Message": "y"}, 'The field "TopicARN" is not supported'),
        ("sns:publish", {"topicArn": "x", "Message": "y"}, 'The field "topicArn" is not supported'),
        ("sns:publish", {"TopicArn": "x"}, "The field 'Message' is required but was missing"),
        ("sns:publish", {"Message": "y", "Subject": 5}, "The value for the field 'Subject' must be a STRING"),
        (
            "sns:publish",
            {"Message": "y", "MessageAttributes": {"a": {"DataType": "Number", "StringValue": 5}}},
            "The value for the field 'StringValue' must be a STRING",
        ),
        ("lambda:invoke", {"Payload": {}}, "The field 'FunctionName' is required but was missing"),
        (
            "lambda:invoke.waitForTaskToken",
            {"FunctionName": "x", "TaskToken.$": "$$.Task.Token"},
            'The field "TaskToken" is not supported',
        ),
        (
            "dynamodb:putItem",
            {"TableName": "t", "Item": {"n": {"N": 5}}},
            "The value for the field 'N' must be a STRING",
        ),
        (
            "dynamodb:putItem",
            {"TableName": "t", "Item": {"n": {"BOOL": "$.x"}}},
            "The value for the field 'BOOL' must be a BOOLEAN",
        ),
        ("dynamodb:putItem", {"TableName": "t", "Item": {"n": {"s": "x"}}}, 'The field "s" is not supported'),
        (
            "dynamodb:putItem",
            {"TableName": "t", "Item": {"n": 5}},
            "The value for the field 'n' must be an OBJECT",
        ),
        (
            "ecs:runTask",
            {"TaskDefinition": "x", "NetworkConfiguration": {"awsVpcConfiguration": {}}},
            'The field "awsVpcConfiguration" is not supported',
        ),
        (
            "aws-sdk:batch:submitJob",
            {"RetryStrategy": {"EvaluateOnExit": [{"onStatusReason": "x"}]}},
            'The field "onStatusReason" is not supported',
        ),
        ("aws-sdk:ec2:describeSnapshots", {"Filter": []}, 'The field "Filter" is not supported'),
        (
            "aws-sdk:s3:listObjectsV2",
            {"MaxKeys": "5"},
            "The value for the field 'MaxKeys' must be an INTEGER",
        ),
        ("apigateway:invoke", {"ApiEndpoint": "a", "Method": "GET", "Body": 1}, 'The field "Body" is not'),
        ("glue:startJobRun", {"JobName": "a", "Arguments": {"--n": 5}}, "'--n' must be a STRING"),
        ("aws-sdk:s3:listBuckets", [], "The Parameters must be an OBJECT"),
        ("aws-sdk:s3:listBuckets", "text", "The Parameters must be an OBJECT"),
    ],
)
def test_parameters_that_aws_does_not_take_are_refused(resource: str, parameters: Any, problem: str) -> None:
    (found,) = problems(resource, parameters)
    assert problem in found
    assert found.endswith(AT)


def test_arguments_are_checked_like_parameters() -> None:
    fields = {"QueryLanguage": "JSONata"}
    message = {"TopicArn": "{% $states.input.t %}", "Message": "{% 5 %}", "Subject": "{% 1 %}"}
    assert problems("sns:publish", Arguments=message, **fields) == []
    assert problems("sns:publish", Arguments="{% $states.input %}", **fields) == []
    (found,) = problems("sns:publish", Arguments={**message, "Subject": 1}, **fields)
    assert found == "The value for the field 'Subject' must be a STRING at /States/T/Arguments"


@pytest.mark.parametrize("resource", ["sns:publish", "aws-sdk:s3:listBuckets", "bedrock-agentcore:invoke"])
def test_an_integration_has_parameters(resource: str) -> None:
    if not resource.startswith("bedrock"):
        assert problems(resource) == [
            f"Parameters field is required for resource ARN: arn:aws:states:::{resource} at /States/T"
        ]
    assert problems(resource, QueryLanguage="JSONata") == [
        f"Arguments field is required for resource ARN: arn:aws:states:::{resource} at /States/T"
    ]


STORAGE: dict[str, tuple[str, dict[str, Any], list[str], dict[str, Any]]] = {
    "no key": (
        "getObject",
        {"Bucket": "b"},
        ["The field 'Key' is required but was missing"],
        {"Bucket.$": "$.b", "Key": "k", "VersionId": "v"},
    ),
    "misspelt key": (
        "getObject",
        {"Bucket": "b", "Key": "k", "Keyy": "k"},
        ['The field "Keyy" is not supported by Step Functions'],
        {"Bucket": "b", "Key.$": "States.Format('{}', $.k)"},
    ),
    "bucket that is a number": (
        "listObjectsV2",
        {"Bucket": 5},
        ["The value for the field 'Bucket' must be a STRING"],
        {"Bucket": "b", "Prefix": "p"},
    ),
    "nothing": ("listObjectsV2", {}, ["The field 'Bucket' is required but was missing"], {"Bucket": "b"}),
    "misspelt prefix": (
        "putObject",
        {"Bucket": "b", "prefix": "p"},
        ['The field "prefix" is not supported by Step Functions'],
        {"Bucket": "b", "Prefix.$": "$.p"},
    ),
}


@pytest.mark.parametrize("name", STORAGE)
def test_readers_and_writers_have_the_parameters_of_s3(name: str) -> None:
    action, refused, found, taken = STORAGE[name]
    field = "ResultWriter" if action == "putObject" else "ItemReader"

    def of(parameters: dict[str, Any]) -> list[str]:
        call = {"Resource": f"arn:aws:states:::s3:{action}", "Parameters": parameters}
        config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        inner = {"StartAt": "W", "States": {"W": {"Type": "Pass", "End": True}}, "ProcessorConfig": config}
        state = {"Type": "Map", "ItemProcessor": inner, field: call, "End": True}
        try:
            parse(json.dumps({"StartAt": "M", "States": {"M": state}}), CATALOG)
        except InvalidDefinition as error:
            return [str(problem).removeprefix("SCHEMA_VALIDATION_FAILED: ") for problem in error.problems]
        return []

    assert of(refused) == [f"{problem} at /States/M/{field}/Parameters" for problem in found]
    assert of(taken) == []


@pytest.mark.parametrize(
    ("resource", "taken"),
    [
        ("aws-sdk:lookoutvision:startModel", True),
        ("aws-sdk:lookoutvision:StartModel", False),
        ("aws-sdk:qldb:listLedgers.sync", False),
        ("bedrock-agentcore:invokeAgentRuntime", True),
        ("bedrock-agentcore:invokeAgentRuntime.sync", False),
        ("bedrock-agentcore:invokeAgentRuntime.waitForTaskToken", False),
    ],
)
def test_what_no_model_describes_is_taken_with_its_patterns(resource: str, taken: bool) -> None:
    assert (problems(resource, {"Anything": 1}) == []) is taken


def test_no_retired_service_has_a_model() -> None:
    models = Models()
    assert [name for name in sorted(RETIRED) if models.boto3_service(name) is not None] == []


def test_every_optimized_integration_has_its_operation() -> None:
    models = Models()
    for service, actions in OPTIMIZED.items():
        for action, integration in actions.items():
            if integration.service is not None:
                operation = integration.operation or action[0].upper() + action[1:]
                assert models.operation(integration.service, operation), f"{service}:{action}"


def test_names_of_services_are_those_of_their_ids() -> None:
    """The table has all services whose name is not boto3's without hyphens."""
    models = Models()
    for name in models.available:
        model = models.service(name)
        assert model is not None
        service_id = "".join(c for c in model.service_id.lower() if c.isalnum()).removesuffix("service")
        expected = {
            "apigatewaymanagementapi": None,  # CreateStateMachine refuses it
            "pinpoint-sms-voice": "sms-voice",  # two of boto3's names for one service
        }.get(name, name)
        assert boto3_service(service_id, models.available) == expected
    assert set(SDK_NAMES.values()) <= models.available


@pytest.mark.parametrize(
    ("name", "java"),
    [
        ("bucket", "Bucket"),
        ("ETag", "ETag"),
        ("DBClusterIdentifier", "DbClusterIdentifier"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("BOOL", "Bool"),
        ("NULL", "Nul"),
        ("S3Bucket", "S3Bucket"),
        ("equals", "EqualsValue"),
    ],
)
def test_members_have_their_names_of_the_java_sdk(name: str, java: str) -> None:
    assert java_member(name) == java


# What comes from data: the resource, the parameters, AWS's reason.
UNFIT = [
    (
        "dynamodb:putItem",
        {"TableName": "t", "Item": {"n": {"N": 5}}},
        "The value for the field 'N' must be a STRING",
    ),
    (
        "dynamodb:putItem",
        {"TableName": "t", "Item": {"n": {"S": {"a": 1}}}},
        "The value for the field 'S' must be a STRING",
    ),
    (
        "dynamodb:putItem",
        {"TableName": "t", "Item": {"n": {"BOOL": "true"}}},
        "The value for the field 'BOOL' must be a BOOLEAN",
    ),
    ("dynamodb:putItem", {"TableName": "t"}, "The field 'Item' is required but was missing"),
    ("sns:publish", {"Message": "m", "Subject": 5}, "The value for the field 'Subject' must be a STRING"),
    ("sns:publish", {"Message": 5}, None),
    ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": [1]}, None),
    (
        "sqs:sendMessage",
        {"QueueUrl": "q", "MessageBody": "m", "X": 1},
        'The field "X" is not supported by Step Functions',
    ),
    ("lambda:invoke", {"Payload": 1}, "The field 'FunctionName' is required but was missing"),
    (
        "states:startExecution",
        {"StateMachineArn": 5},
        "The value for the field 'StateMachineArn' must be a STRING",
    ),
    ("aws-sdk:s3:listObjectsV2", {"Prefix": "p"}, "The field 'Bucket' is required but was missing"),
    (
        "aws-sdk:s3:listObjectsV2",
        {"Bucket": "b", "MaxKeys": "5"},
        "The value for the field 'MaxKeys' must be an INTEGER",
    ),
    (
        "aws-sdk:s3:putObject",
        {"Bucket": "b", "Key": "k", "Expires": {"a": 1}},
        "The value for the field 'Expires' must be a STRING",
    ),
    (
        "aws-sdk:s3:deleteObjects",
        {"Bucket": "b", "Delete": {"Objects": {"Key": "k"}}},
        "The value for the field 'Objects' must be an ARRAY",
    ),
    (
        "aws-sdk:dynamodb:putItem",
        {"TableName": "t", "Item": {"n": {"S": {"a": 1}}}},
        "The value for the field 'S' must be a STRING",
    ),
    ("aws-sdk:sns:publish", "text", "The Parameters must be an OBJECT"),
]


@pytest.mark.parametrize(("resource", "parameters", "reason"), UNFIT)
def test_parameters_from_data_that_no_service_takes_fail_the_execution(
    bench: Bench, resource: str, parameters: Any, reason: str | None
) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    computed = {"QueryLanguage": "JSONata", "Arguments": "{% $states.input %}", "Catch": catch}
    states = {**task(f"arn:aws:states:::{resource}", **computed), "Caught": {"Type": "Pass", "End": True}}
    given = json.dumps(parameters, separators=(",", ":"))
    shown = bench.play(states, given)
    if reason is None:
        assert shown["status"] == "SUCCEEDED"  # nothing answers, and that is caught
        return
    assert (shown["status"], shown["error"]) == ("FAILED", "States.Runtime")
    assert shown["cause"] == (
        "An error occurred while executing the state 'T' (entered at the event id #2). "
        f"The Parameters '{to_text(parameters)}' could not be used to start the Task: [{reason}]"
    )
    assert "TaskScheduled" not in [event["type"] for event in bench.history()]


def test_the_forms_of_an_integrations_arn_are_one() -> None:
    short = Resource.of("arn:aws:states:::aws-sdk:s3:getObject")
    for arn in (
        "arn:aws:states:us-east-1:123456789012:aws-sdk:s3:getObject",
        "arn:aws-cn:states:cn-north-1:123456789012:aws-sdk:s3:getObject",
    ):
        resource = Resource.of(arn)
        assert (resource.type, resource.name) == (short.type, short.name)
        assert not resource.is_function


@pytest.mark.parametrize("name", ["arn:aws:sns:us-east-1:x", "my function", "", "a:b:c:d:e:f:g:h", "f:"])
def test_a_name_that_no_function_has_is_lambdas_error(bench: Bench, name: str) -> None:
    shown = bench.play(task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": name}))
    assert shown["error"] == "Lambda.AWSLambdaException"
    assert f"Value '{name}' at 'functionName' failed to satisfy constraint" in shown["cause"]


@pytest.mark.parametrize(
    "name",
    [
        "count",
        "count:live",
        "123456789012:function:count",
        "arn:aws:lambda:eu-west-1:123456789012:function:count:1",
    ],
)
def test_every_form_of_a_functions_name_is_taken(bench: Bench, name: str) -> None:
    shown = bench.play(task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": name}))
    assert shown["status"] == "SUCCEEDED"
    assert bench.functions.calls[0].arn.startswith("arn:aws:lambda:eu-west-1:123456789012:function:count:")


@pytest.mark.parametrize("payload", ["NaN", '{"mean": NaN}', "[Infinity]"])
@pytest.mark.parametrize("resource", [FUNCTION, "arn:aws:states:::lambda:invoke"])
def test_a_response_that_is_no_json_fails_the_execution(bench: Bench, resource: str, payload: str) -> None:
    bench.functions.behaviour = lambda call: FunctionAnswer(payload, failed=False)
    shown = bench.play(task(resource, Parameters={"FunctionName": "count"}))
    assert (shown["status"], shown["error"]) == ("FAILED", "States.Runtime")
    assert payload in shown["cause"]


def test_a_payload_of_null_is_an_empty_object(bench: Bench) -> None:
    parameters = {"FunctionName": "count", "Payload": None}
    shown = bench.play(task("arn:aws:states:::lambda:invoke", Parameters=parameters))
    assert json.loads(shown["output"])["Payload"] == {}


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "[" * 3_000 + "]" * 3_000])
def test_an_input_that_is_no_json_is_refused(bench: Bench, text: str) -> None:
    with pytest.raises(ApiError, match="InvalidExecutionInput"):
        bench.play({"A": {"Type": "Pass", "End": True}}, text)


def test_half_of_a_character_goes_through(bench: Bench) -> None:
    shown = bench.play(task(FUNCTION), '{"a": "\\ud83d"}')
    assert (shown["status"], json.loads(shown["output"])) == ("SUCCEEDED", {"a": "\ud83d"})


@pytest.mark.parametrize(
    ("item", "taken"), [({"BOOL": "false"}, True), ({"BOOL.$": "$.flag"}, False)], ids=["constant", "data"]
)
def test_a_text_for_a_boolean_is_taken_as_a_constant(bench: Bench, item: dict[str, str], taken: bool) -> None:
    parameters = {"TableName": "t", "Item": {"id": {"S": "a"}, "n": item}}
    shown = bench.play(task("arn:aws:states:::dynamodb:putItem", Parameters=parameters), '{"flag": "false"}')
    # No service responds here: a constant gets as far as the call.
    assert ("must be a BOOLEAN" in shown["cause"]) is not taken
    assert (shown["error"] == "States.Runtime") is not taken


def test_another_text_for_a_boolean_is_refused(bench: Bench) -> None:
    parameters = {"TableName": "t", "Item": {"id": {"S": "a"}, "n": {"BOOL": "no"}}}
    with pytest.raises(ApiError, match="The value for the field 'BOOL' must be a BOOLEAN"):
        bench.play(task("arn:aws:states:::dynamodb:putItem", Parameters=parameters))
