from __future__ import annotations

import json

import pytest

from harness.functions.shared.model import Call
from harness.observe.model import Execution
from harness.permissions.model import Request
from harness.permissions.needs import needs
from harness.permissions.parameters import Place
from harness.permissions.requests import requests
from harness.testing import a_call, a_history, an_execution, observed

PLACE = Place("aws", "eu-west-1", "123456789012")
HERE = "eu-west-1:123456789012"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:report"
EXECUTION = f"arn:aws:states:{HERE}:execution:report:run-1"
FUNCTION = f"arn:aws:lambda:{HERE}:function:count"
TABLE = f"arn:aws:dynamodb:{HERE}:table/usage"
ROLE = "arn:aws:iam::123456789012:role/machine"


def requests_of(execution: Execution) -> list[Request]:
    return list(requests(observed(execution)))


@pytest.mark.parametrize(
    ("made", "needed"),
    [
        (a_call("s3:ListBuckets"), [("s3:ListAllMyBuckets", "*")]),
        (a_call("s3:ListObjectsV2", Bucket="photos"), [("s3:ListBucket", "arn:aws:s3:::photos")]),
        (a_call("s3:HeadBucket", Bucket="photos"), [("s3:ListBucket", "arn:aws:s3:::photos")]),
        (a_call("s3:HeadObject", Bucket="photos", Key="a/b"), [("s3:GetObject", "arn:aws:s3:::photos/a/b")]),
        (a_call("s3:PutObject", Bucket="photos", Key="a"), [("s3:PutObject", "arn:aws:s3:::photos/a")]),
        (
            a_call(
                "s3:DeleteObjects",
                Bucket="photos",
                Delete={"Objects": [{"Key": "a"}, {"Key": "b"}, "..."]},
            ),
            [("s3:DeleteObject", "arn:aws:s3:::photos/a"), ("s3:DeleteObject", "arn:aws:s3:::photos/b")],
        ),
        (
            a_call("s3:GetObject", Bucket=f"arn:aws:s3:{HERE}:accesspoint/x", Key="a"),
            [("s3:GetObject", None)],
        ),
        (a_call("dynamodb:PutItem", TableName="usage"), [("dynamodb:PutItem", TABLE)]),
        (a_call("dynamodb:PutItem", TableName=TABLE), [("dynamodb:PutItem", TABLE)]),
        (
            a_call("dynamodb:Query", TableName="usage", IndexName="by-day"),
            [("dynamodb:Query", f"{TABLE}/index/by-day")],
        ),
        (
            a_call("dynamodb:BatchWriteItem", RequestItems={"usage": [], "other": []}),
            [
                ("dynamodb:BatchWriteItem", TABLE),
                ("dynamodb:BatchWriteItem", f"arn:aws:dynamodb:{HERE}:table/other"),
            ],
        ),
        (
            a_call("dynamodb:TransactWriteItems", TransactItems=[{"Put": {"TableName": "usage"}}]),
            [("dynamodb:PutItem", TABLE)],
        ),
        (
            a_call("stepfunctions:CreateStateMachine", name="report", roleArn="arn:aws:iam::1:role/r"),
            [("states:CreateStateMachine", MACHINE), ("iam:PassRole", "arn:aws:iam::1:role/r")],
        ),
        (
            a_call(
                "stepfunctions:CreateStateMachine",
                name="report",
                roleArn="arn:aws:iam::1:role/r",
                tags=[{"key": "team", "value": "storage"}],
            ),
            [
                ("states:CreateStateMachine", MACHINE),
                ("iam:PassRole", "arn:aws:iam::1:role/r"),
                ("states:TagResource", MACHINE),
            ],
        ),
        (
            a_call("stepfunctions:StartExecution", stateMachineArn=MACHINE),
            [("states:StartExecution", MACHINE)],
        ),
        (
            a_call("stepfunctions:DescribeExecution", executionArn=EXECUTION),
            [("states:DescribeExecution", EXECUTION)],
        ),
        (
            a_call("stepfunctions:DeleteStateMachine", stateMachineArn=MACHINE),
            [("states:DeleteStateMachine", MACHINE)],
        ),
        (
            a_call("sns:Publish", TopicArn=f"arn:aws:sns:{HERE}:t"),
            [("sns:Publish", f"arn:aws:sns:{HERE}:t")],
        ),
        (a_call("sns:Publish", PhoneNumber="+44"), [("sns:Publish", None)]),
        (
            a_call("sqs:SendMessageBatch", QueueUrl="http://localhost:4566/123456789012/jobs"),
            [("sqs:SendMessage", f"arn:aws:sqs:{HERE}:jobs")],
        ),
        (a_call("lambda:Invoke", FunctionName="count"), [("lambda:InvokeFunction", FUNCTION)]),
        (a_call("lambda:Invoke", FunctionName=FUNCTION), [("lambda:InvokeFunction", FUNCTION)]),
        (
            a_call("lambda:Invoke", FunctionName="123456789012:function:count", Qualifier="live"),
            [("lambda:InvokeFunction", f"{FUNCTION}:live")],
        ),
        (a_call("kms:Decrypt", KeyId="x"), [("kms:Decrypt", f"arn:aws:kms:{HERE}:key/x")]),
        (a_call("kms:Decrypt", KeyId="alias/x"), [("kms:Decrypt", None)]),
        (
            a_call("events:PutEvents", Entries=[{"EventBusName": "bus"}, {"Source": "s"}, {}]),
            [
                ("events:PutEvents", f"arn:aws:events:{HERE}:event-bus/bus"),
                ("events:PutEvents", f"arn:aws:events:{HERE}:event-bus/default"),
            ],
        ),
        (
            a_call("ssm:GetParameters", Names=["/a/b:3", f"arn:aws:ssm:{HERE}:parameter/c"]),
            [
                ("ssm:GetParameters", f"arn:aws:ssm:{HERE}:parameter/a/b"),
                ("ssm:GetParameters", f"arn:aws:ssm:{HERE}:parameter/c"),
            ],
        ),
        (
            a_call("ssm:GetParametersByPath", Path="/a/"),
            [("ssm:GetParametersByPath", f"arn:aws:ssm:{HERE}:parameter/a")],
        ),
        (a_call("secretsmanager:GetSecretValue", SecretId="x"), [("secretsmanager:GetSecretValue", None)]),
        (a_call("cloudwatch:PutMetricData", Namespace="x"), [("cloudwatch:PutMetricData", None)]),
        (a_call("cloudwatch:DescribeAlarmHistory"), [("cloudwatch:DescribeAlarmHistory", None)]),
        (a_call("ec2:DescribeImages"), [("ec2:DescribeImages", "*")]),
        (
            a_call("sns:Unsubscribe", SubscriptionArn=f"arn:aws:sns:{HERE}:t:0a1b"),
            [("sns:Unsubscribe", f"arn:aws:sns:{HERE}:t")],
        ),
        (
            a_call("logs:PutLogEvents", logGroupName="g", logStreamName="s"),
            [("logs:PutLogEvents", f"arn:aws:logs:{HERE}:log-group:g:log-stream:s")],
        ),
        (
            a_call("stepfunctions:ListExecutions", stateMachineArn=MACHINE),
            [("states:ListExecutions", MACHINE)],
        ),
        (a_call("s3:ListParts", Bucket="b", Key="k"), [("s3:ListMultipartUploadParts", "arn:aws:s3:::b/k")]),
        (a_call("nosuchservice:Look"), []),
        (a_call("sts:GetCallerIdentity"), []),
        (
            a_call("s3:GetBucketEncryption", Bucket="photos"),
            [("s3:GetEncryptionConfiguration", "arn:aws:s3:::photos")],
        ),
        (a_call("dynamodb:ExecuteStatement", Statement="select"), []),
    ],
    ids=lambda value: f"{value.service}:{value.operation}" if isinstance(value, Call) else "",
)
def test_a_call_needs(made: Call, needed: list[tuple[str, str | None]]) -> None:
    assert [(n.action, n.resource) for n in needs(made, PLACE)] == needed


def test_the_machine_s_own_calls_are_read_from_its_history() -> None:
    history = (
        a_history()
        .schedules("count")
        .calls("lambda:invoke.waitForTaskToken", json.dumps({"FunctionName": FUNCTION, "Payload": {}}))
        .calls("sns:publish", json.dumps({"TopicArn": "arn:t", "Message": "m"}))
        .event(
            "TaskScheduled",
            resourceType="aws-sdk:sfn",
            resource="deleteStateMachine",
            parameters=json.dumps({"StateMachineArn": MACHINE}),
            taskCredentials={"roleArn": "arn:aws:iam::1:role/other"},
        )
        .calls("ecs:runTask.sync")
        .enters("x", "Pass")
    )
    execution = an_execution(history=history, machine="report", role_arn=ROLE)
    made = requests_of(execution)
    assert [r.caller for r in made] == ["state machine report"] * 4
    assert [r.role_arn for r in made] == [ROLE] * 3 + ["arn:aws:iam::1:role/other"]
    assert [(r.need.action, r.need.resource) for r in made] == [
        ("lambda:InvokeFunction", FUNCTION),
        ("lambda:InvokeFunction", FUNCTION),
        ("sns:Publish", "arn:t"),
        ("states:DeleteStateMachine", MACHINE),
    ]


def test_waiting_for_another_execution_takes_rules_of_events() -> None:
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
    parameters = json.dumps({"StateMachineArn": MACHINE, "Name": "run-1"})
    started = a_history().calls("states:startExecution.sync:2", parameters)
    execution = an_execution(history=started, role_arn=ROLE)
    rule = f"arn:aws:events:{HERE}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    assert [(r.need.action, r.need.resource) for r in requests_of(execution)] == [
        ("states:StartExecution", MACHINE),
        ("states:DescribeExecution", EXECUTION),
        ("states:StopExecution", EXECUTION),
        ("events:PutTargets", rule),
        ("events:PutRule", rule),
        ("events:DescribeRule", rule),
    ]


def test_listing_a_bucket_tells_what_policies_on_prefixes_ask_for() -> None:
    (need,) = needs(a_call("s3:ListObjectsV2", Bucket="photos", Prefix="2019/", MaxKeys=10), PLACE)
    assert need.context == {"s3:prefix": "2019/", "s3:max-keys": "10"}


def test_the_role_that_a_call_hands_on_must_be_passed_to_that_service() -> None:
    role = "arn:aws:iam::1:role/r"
    _, passed = needs(a_call("lambda:CreateFunction", FunctionName="f", Role=role), PLACE)
    assert (passed.action, passed.resource) == ("iam:PassRole", role)
    assert passed.context == {"iam:PassedToService": "lambda.amazonaws.com"}
