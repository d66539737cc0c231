from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.functions.shared.model import Call
from harness.observe.model import Execution, HistoryEvent
from harness.permissions.integrations import integration_requests
from harness.permissions.needs import needs
from harness.permissions.parameters import Place

PLACE = Place("aws", "eu-west-1", "123456789012")
HERE = "eu-west-1:123456789012"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:report"
EXECUTION = f"arn:aws:states:{HERE}:execution:report:run-1"
FUNCTION = f"arn:aws:lambda:{HERE}:function:count"
TABLE = f"arn:aws:dynamodb:{HERE}:table/usage"


def call(service: str, operation: str, **params: Any) -> Call:
    return Call(service, operation, params, 200, None)


@pytest.mark.parametrize(
    ("made", "needed"),
    [
        (call("s3", "ListBuckets"), [("s3:ListAllMyBuckets", "*")]),
        (call("s3", "ListObjectsV2", Bucket="photos"), [("s3:ListBucket", "arn:aws:s3:::photos")]),
        (call("s3", "HeadBucket", Bucket="photos"), [("s3:ListBucket", "arn:aws:s3:::photos")]),
        (call("s3", "HeadObject", Bucket="photos", Key="a/b"), [("s3:GetObject", "arn:aws:s3:::photos/a/b")]),
        (call("s3", "PutObject", Bucket="photos", Key="a"), [("s3:PutObject", "arn:aws:s3:::photos/a")]),
        (
            call(
                "s3",
                "DeleteObjects",
                Bucket="photos",
                Delete={"Objects": [{"Key": "a"}, {"Key": "b"}, "..."]},
            ),
            [("s3:DeleteObject", "arn:aws:s3:::photos/a"), ("s3:DeleteObject", "arn:aws:s3:::photos/b")],
        ),
        (
            call("s3", "GetObject", Bucket=f"arn:aws:s3:{HERE}:accesspoint/x", Key="a"),
            [("s3:GetObject", None)],
        ),
        (call("dynamodb", "PutItem", TableName="usage"), [("dynamodb:PutItem", TABLE)]),
        (call("dynamodb", "PutItem", TableName=TABLE), [("dynamodb:PutItem", TABLE)]),
        (
            call("dynamodb", "Query", TableName="usage", IndexName="by-day"),
            [("dynamodb:Query", f"{TABLE}/index/by-day")],
        ),
        (
            call("dynamodb", "BatchWriteItem", RequestItems={"usage": [], "other": []}),
            [
                ("dynamodb:BatchWriteItem", TABLE),
                ("dynamodb:BatchWriteItem", f"arn:aws:dynamodb:{HERE}:table/other"),
            ],
        ),
        (
            call("dynamodb", "TransactWriteItems", TransactItems=[{"Put": {"TableName": "usage"}}]),
            [("dynamodb:PutItem", TABLE)],
        ),
        (
            call("stepfunctions", "CreateStateMachine", name="report", roleArn="arn:aws:iam::1:role/r"),
            [("states:CreateStateMachine", MACHINE), ("iam:PassRole", "arn:aws:iam::1:role/r")],
        ),
        (
            call("stepfunctions", "StartExecution", stateMachineArn=MACHINE),
            [("states:StartExecution", MACHINE)],
        ),
        (
            call("stepfunctions", "DescribeExecution", executionArn=EXECUTION),
            [("states:DescribeExecution", EXECUTION)],
        ),
        (
            call("stepfunctions", "DeleteStateMachine", stateMachineArn=MACHINE),
            [("states:DeleteStateMachine", MACHINE)],
        ),
        (
            call("sns", "Publish", TopicArn=f"arn:aws:sns:{HERE}:t"),
            [("sns:Publish", f"arn:aws:sns:{HERE}:t")],
        ),
        (call("sns", "Publish", PhoneNumber="+44"), [("sns:Publish", None)]),
        (
            call("sqs", "SendMessageBatch", QueueUrl="http://localhost:4566/123456789012/jobs"),
            [("sqs:SendMessage", f"arn:aws:sqs:{HERE}:jobs")],
        ),
        (call("lambda", "Invoke", FunctionName="count"), [("lambda:InvokeFunction", FUNCTION)]),
        (call("lambda", "Invoke", FunctionName=FUNCTION), [("lambda:InvokeFunction", FUNCTION)]),
        (
            call("lambda", "Invoke", FunctionName="123456789012:function:count", Qualifier="live"),
            [("lambda:InvokeFunction", f"{FUNCTION}:live")],
        ),
        (call("kms", "Decrypt", KeyId="x"), [("kms:Decrypt", f"arn:aws:kms:{HERE}:key/x")]),
        (call("kms", "Decrypt", KeyId="alias/x"), [("kms:Decrypt", None)]),
        (call("secretsmanager", "GetSecretValue", SecretId="x"), [("secretsmanager:GetSecretValue", None)]),
        (call("cloudwatch", "PutMetricData", Namespace="x"), [("cloudwatch:PutMetricData", "*")]),
        (
            call("logs", "PutLogEvents", logGroupName="g", logStreamName="s"),
            [("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:g:log-stream:s")],
        ),
        (
            call("stepfunctions", "ListExecutions", stateMachineArn=MACHINE),
            [("states:ListExecutions", MACHINE)],
        ),
        (call("s3", "ListParts", Bucket="b", Key="k"), [("s3:ListMultipartUploadParts", "arn:aws:s3:::b/k")]),
        (call("nosuchservice", "Look"), []),
        (call("sts", "GetCallerIdentity"), []),
        (
            call("s3", "GetBucketEncryption", Bucket="photos"),
            [("s3:GetEncryptionConfiguration", "arn:aws:s3:::photos")],
        ),
        (call("dynamodb", "ExecuteStatement", Statement="select"), []),
    ],
    ids=lambda value: f"{value.service}:{value.operation}" if isinstance(value, Call) else "",
)
def test_a_call_needs(made: Call, needed: list[tuple[str, str | None]]) -> None:
    assert [(n.action, n.resource) for n in needs(made, PLACE)] == needed


def event(kind: str, **details: Any) -> HistoryEvent:
    return HistoryEvent(1, 0, kind, datetime(2026, 1, 1, tzinfo=UTC), details)


def test_the_machine_s_own_calls_are_read_from_its_history() -> None:
    events = (
        event("LambdaFunctionScheduled", resource=FUNCTION, input="{}"),
        event(
            "TaskScheduled",
            resourceType="lambda",
            resource="invoke.waitForTaskToken",
            parameters=json.dumps({"FunctionName": FUNCTION, "Payload": {}}),
        ),
        event(
            "TaskScheduled",
            resourceType="sns",
            resource="publish",
            parameters=json.dumps({"TopicArn": "arn:t", "Message": "m"}),
        ),
        event(
            "TaskScheduled",
            resourceType="aws-sdk:sfn",
            resource="deleteStateMachine",
            parameters=json.dumps({"StateMachineArn": MACHINE}),
            taskCredentials={"roleArn": "arn:aws:iam::1:role/other"},
        ),
        event("TaskScheduled", resourceType="ecs", resource="runTask.sync", parameters="{}"),
        event("PassStateEntered", name="x"),
    )
    now = datetime(2026, 1, 1, tzinfo=UTC)
    execution = Execution(
        EXECUTION,
        "run-1",
        MACHINE,
        "report",
        "SUCCEEDED",
        now,
        now,
        "{}",
        "{}",
        None,
        None,
        events,
        "arn:role",
    )
    requests = list(integration_requests(execution, PLACE))
    assert [r.caller for r in requests] == ["state machine report"] * 4
    assert [r.role_arn for r in requests] == ["arn:role"] * 3 + ["arn:aws:iam::1:role/other"]
    assert [(r.need.action, r.need.resource) for r in requests] == [
        ("lambda:InvokeFunction", FUNCTION),
        ("lambda:InvokeFunction", FUNCTION),
        ("sns:Publish", "arn:t"),
        ("states:DeleteStateMachine", MACHINE),
    ]


def test_waiting_for_another_execution_takes_rules_of_events() -> None:
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
    started = event(
        "TaskScheduled",
        resourceType="states",
        resource="startExecution.sync:2",
        parameters=json.dumps({"StateMachineArn": MACHINE, "Name": "run-1"}),
    )
    now = datetime(2026, 1, 1, tzinfo=UTC)
    execution = Execution(
        "arn:x", "x", "arn:m", "m", "SUCCEEDED", now, now, "{}", "{}", None, None, (started,), "arn:role"
    )
    rule = f"arn:aws:events:{HERE}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    assert [(r.need.action, r.need.resource) for r in integration_requests(execution, PLACE)] == [
        ("states:StartExecution", MACHINE),
        ("states:DescribeExecution", EXECUTION),
        ("states:StopExecution", EXECUTION),
        ("events:PutTargets", rule),
        ("events:PutRule", rule),
        ("events:DescribeRule", rule),
    ]


def test_listing_a_bucket_tells_what_policies_on_prefixes_ask_for() -> None:
    (need,) = needs(call("s3", "ListObjectsV2", Bucket="photos", Prefix="2019/", MaxKeys=10), PLACE)
    assert need.context == {"s3:prefix": "2019/", "s3:max-keys": "10"}


def test_the_role_that_a_call_hands_on_must_be_passed_to_that_service() -> None:
    role = "arn:aws:iam::1:role/r"
    _, passed = needs(call("lambda", "CreateFunction", FunctionName="f", Role=role), PLACE)
    assert (passed.action, passed.resource) == ("iam:PassRole", role)
    assert passed.context == {"iam:PassedToService": "lambda.amazonaws.com"}
