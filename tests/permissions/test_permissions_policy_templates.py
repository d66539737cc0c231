"""AWS's own policy templates, unchanged, allow their intended calls and nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from permission_samples import HERE, ROLE, invocation, role, with_role

from harness.functions.shared.model import Call
from harness.observe.access import Keys
from harness.permissions.check import check
from harness.testing import ACCOUNT_ID, REGION, a_call

PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT_ID}
SECRET = f"arn:aws:secretsmanager:{HERE}:secret:token-a1b2c3"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:Orders"
EXECUTION = f"arn:aws:states:{HERE}:execution:Orders:run-1"
TOKENS = {"of-orders": EXECUTION, "of-others": EXECUTION.replace("Orders", "Others")}
# Values for template parameters; other parameters keep their names.
GIVEN = {"StateMachineName": "Orders", "SecretArn": SECRET, "TableName": "orders", "ParameterName": "orders"}
PACKAGE = find_spec("samtranslator")


def templates() -> dict[str, Any]:
    """SAM's policy templates: name -> {"Parameters": {...}, "Definition": {"Statement": [...]}}."""
    assert PACKAGE is not None
    assert PACKAGE.origin is not None
    path = Path(PACKAGE.origin).parent / "policy_templates_data" / "policy_templates.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["Templates"]
    return found


def filled(value: Any, parameters: Mapping[str, str]) -> Any:
    """A template value with its functions applied."""
    if isinstance(value, list):
        return [filled(entry, parameters) for entry in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return parameters[value["Ref"]]
    if set(value) == {"Fn::Sub"}:
        text, more = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
        for name, part in {**PSEUDO, **parameters, **filled(more, parameters)}.items():
            text = text.replace(f"${{{name}}}", str(part))
        return text
    return {key: filled(entry, parameters) for key, entry in value.items()}


def statements(template: str) -> list[dict[str, Any]]:
    entry = templates()[template]
    parameters = {name: GIVEN.get(name, name.lower()) for name in entry["Parameters"]}
    found: list[dict[str, Any]] = filled(entry["Definition"]["Statement"], parameters)
    return found


def refused(call: Call, own: list[dict[str, Any]], **access: Any) -> list[str]:
    """The actions that a role with these statements is not allowed to perform."""
    seen = replace(with_role(role(*own), invocation(call), **access), task_tokens=TOKENS)
    return [denial.action for denial in check(seen)]


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


# Services in the templates whose boto3 name differs from the prefix of their actions.
BOTO3 = {
    "elasticfilesystem": "efs",
    "elasticmapreduce": "emr",
    "mobiletargeting": "pinpoint",
    "states": "stepfunctions",
}


def calls(template: str) -> Iterator[tuple[Call, str]]:
    """A call for each action that is an operation, with the action. Its parameters are not set."""
    for statement in statements(template):
        for action in listed(statement["Action"]):
            prefix, _, operation = action.partition(":")
            yield a_call(f"{BOTO3.get(prefix, prefix)}:{operation}"), action


@pytest.mark.parametrize("template", templates())
def test_a_template_of_sam_allows_the_calls_of_its_actions(template: str) -> None:
    own = statements(template)
    assert {action for call, action in calls(template) if refused(call, own)} == set()


def on(*made: tuple[str, dict[str, Any]]) -> list[Call]:
    return [a_call(api, **parameters) for api, parameters in made]


def queue(name: str) -> dict[str, str]:
    return {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}"}


def about(operations: str, service: str, **parameters: Any) -> list[Call]:
    return [a_call(f"{service}:{operation}", **parameters) for operation in operations.split()]


TABLE_READS, TABLE_WRITES = "GetItem Query Scan", "PutItem UpdateItem"
# Template -> its intended calls, and the same calls on other resources, which are all denied.
MADE_FOR: dict[str, tuple[list[Call], list[Call]]] = {
    "AWSSecretsManagerGetSecretValuePolicy": (
        about("GetSecretValue", "secretsmanager", SecretId=SECRET),
        about("GetSecretValue", "secretsmanager", SecretId=SECRET.replace("token", "other")),
    ),
    "DynamoDBCrudPolicy": (
        [
            *about(f"{TABLE_READS} {TABLE_WRITES} DeleteItem DescribeTable", "dynamodb", TableName="orders"),
            *about("Query Scan", "dynamodb", TableName="orders", IndexName="by-day"),
            *about("BatchGetItem BatchWriteItem", "dynamodb", RequestItems={"orders": {}}),
            a_call(
                "dynamodb:TransactWriteItems", TransactItems=[{"ConditionCheck": {"TableName": "orders"}}]
            ),
        ],
        about(f"{TABLE_READS} {TABLE_WRITES} DeleteItem DescribeTable", "dynamodb", TableName="other"),
    ),
    "DynamoDBReadPolicy": (
        about(TABLE_READS, "dynamodb", TableName="orders"),
        about(TABLE_WRITES, "dynamodb", TableName="orders"),
    ),
    "DynamoDBWritePolicy": (
        about(TABLE_WRITES, "dynamodb", TableName="orders"),
        about(TABLE_READS, "dynamodb", TableName="orders"),
    ),
    "EventBridgePutEventsPolicy": (
        on(("events:PutEvents", {"Entries": [{"EventBusName": "eventbusname"}]})),
        on(
            ("events:PutEvents", {"Entries": [{"EventBusName": "other"}]}),
            ("events:PutEvents", {"Entries": [{"EventBusName": "eventbusname"}, {"Source": "default-bus"}]}),
        ),
    ),
    "FirehoseWritePolicy": (
        about("PutRecord PutRecordBatch", "firehose", DeliveryStreamName="deliverystreamname"),
        about("PutRecord PutRecordBatch", "firehose", DeliveryStreamName="other"),
    ),
    "KMSDecryptPolicy": (about("Decrypt", "kms", KeyId="keyid"), about("Decrypt", "kms", KeyId="other")),
    "KinesisCrudPolicy": (
        about("PutRecord PutRecords", "kinesis", StreamName="streamname"),
        about("PutRecord PutRecords", "kinesis", StreamName="other"),
    ),
    "LambdaInvokePolicy": (
        on(
            ("lambda:Invoke", {"FunctionName": "functionname"}),
            ("lambda:Invoke", {"FunctionName": "functionname", "Qualifier": "live"}),
            ("lambda:Invoke", {"FunctionName": f"arn:aws:lambda:{HERE}:function:functionname:1"}),
        ),
        on(("lambda:Invoke", {"FunctionName": "other"})),
    ),
    "S3CrudPolicy": (
        [
            *about("GetObject PutObject DeleteObject HeadObject", "s3", Bucket="bucketname", Key="a/b"),
            *about("ListObjectsV2 ListObjects HeadBucket GetBucketLocation", "s3", Bucket="bucketname"),
            a_call("s3:DeleteObjects", Bucket="bucketname", Delete={"Objects": [{"Key": "a"}]}),
            *about("GetBucketLifecycleConfiguration", "s3", Bucket="bucketname"),
        ],
        about("GetObject PutObject ListObjectsV2", "s3", Bucket="other", Key="a"),
    ),
    "S3ReadPolicy": (
        [
            *about("GetObject", "s3", Bucket="bucketname", Key="a"),
            *about("ListObjectsV2", "s3", Bucket="bucketname"),
            *about("GetObject", "s3", Bucket="bucketname", Key="a", VersionId="1"),
        ],
        about("PutObject DeleteObject", "s3", Bucket="bucketname", Key="a"),
    ),
    "SESSendBouncePolicy": ([a_call("ses:SendBounce")], [a_call("ses:SendEmail")]),
    "SNSPublishMessagePolicy": (
        about("Publish PublishBatch", "sns", TopicArn=f"arn:aws:sns:{HERE}:topicname"),
        about("Publish PublishBatch", "sns", TopicArn=f"arn:aws:sns:{HERE}:other"),
    ),
    "SQSPollerPolicy": (
        about(
            "ReceiveMessage DeleteMessage DeleteMessageBatch ChangeMessageVisibilityBatch GetQueueAttributes",
            "sqs",
            **queue("queuename"),
        ),
        about("SendMessage", "sqs", **queue("queuename")),
    ),
    "SQSSendMessagePolicy": (
        about("SendMessage SendMessageBatch", "sqs", **queue("queuename")),
        about("SendMessage SendMessageBatch", "sqs", **queue("other")),
    ),
    "SSMParameterReadPolicy": (
        on(
            ("ssm:GetParameter", {"Name": "orders"}),
            ("ssm:GetParameter", {"Name": "/orders"}),
            ("ssm:GetParameters", {"Names": ["orders"]}),
        ),
        on(
            ("ssm:GetParameter", {"Name": "other"}),
            ("ssm:GetParameters", {"Names": ["orders", "other"]}),
            ("ssm:PutParameter", {"Name": "orders"}),
        ),
    ),
    "StepFunctionsCallbackPolicy": (
        about("SendTaskSuccess SendTaskFailure SendTaskHeartbeat", "stepfunctions", taskToken="of-orders"),
        about("SendTaskSuccess SendTaskFailure SendTaskHeartbeat", "stepfunctions", taskToken="of-others"),
    ),
    "StepFunctionsExecutionPolicy": (
        about("StartExecution", "stepfunctions", stateMachineArn=MACHINE),
        about("StartExecution", "stepfunctions", stateMachineArn=f"{MACHINE}2"),
    ),
}


@pytest.mark.parametrize("template", MADE_FOR)
def test_a_template_of_sam_allows_what_it_is_made_for_and_nothing_else(template: str) -> None:
    own = statements(template)
    fine, others = MADE_FOR[template]
    assert [call for call in fine if refused(call, own)] == []
    assert [call for call in others if not refused(call, own)] == []


TABLE, KEY = f"arn:aws:dynamodb:{HERE}:table/orders", f"arn:aws:kms:{HERE}:key/1"
TOPIC, QUEUE = f"arn:aws:sns:{HERE}:orders", f"arn:aws:sqs:{HERE}:orders"
FUNCTION, BUCKET = f"arn:aws:lambda:{HERE}:function:orders", "arn:aws:s3:::orders"


def allow(actions: str, *resources: str) -> list[dict[str, Any]]:
    return [{"Effect": "Allow", "Action": actions.split(), "Resource": list(resources)}]


# CDK grants: the statements that each writes, its intended calls, and other calls.
# https://docs.aws.amazon.com/cdk/api/v2/docs/aws-construct-library.html
GRANTS: dict[str, tuple[list[dict[str, Any]], list[Call], list[Call]]] = {
    "Table.grantReadWriteData": (
        allow(
            "dynamodb:BatchGetItem dynamodb:Query dynamodb:GetItem dynamodb:Scan dynamodb:ConditionCheckItem "
            "dynamodb:BatchWriteItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem "
            "dynamodb:DescribeTable",
            TABLE,
            f"{TABLE}/index/*",
        ),
        MADE_FOR["DynamoDBCrudPolicy"][0],
        MADE_FOR["DynamoDBCrudPolicy"][1],
    ),
    "Topic.grantPublish": (
        allow("sns:Publish", TOPIC),
        about("Publish PublishBatch", "sns", TopicArn=TOPIC),
        about("Publish", "sns", TopicArn=f"{TOPIC}2"),
    ),
    "Queue.grantSendMessages": (
        allow("sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl", QUEUE),
        about("SendMessage SendMessageBatch GetQueueAttributes", "sqs", **queue("orders")),
        about("SendMessage ReceiveMessage", "sqs", **queue("other")),
    ),
    "Queue.grantConsumeMessages": (
        allow(
            "sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage "
            "sqs:GetQueueAttributes",
            QUEUE,
        ),
        about("ReceiveMessage DeleteMessageBatch ChangeMessageVisibility", "sqs", **queue("orders")),
        about("SendMessage", "sqs", **queue("orders")),
    ),
    "Function.grantInvoke": (
        allow("lambda:InvokeFunction", FUNCTION, f"{FUNCTION}:*"),
        MADE_FOR["LambdaInvokePolicy"][0][:0]
        + on(
            ("lambda:Invoke", {"FunctionName": "orders"}),
            ("lambda:Invoke", {"FunctionName": FUNCTION, "Qualifier": "live"}),
        ),
        on(("lambda:Invoke", {"FunctionName": "orders2"})),
    ),
    "StateMachine.grantTaskResponse": (
        allow("states:SendTaskSuccess states:SendTaskFailure states:SendTaskHeartbeat", MACHINE),
        *MADE_FOR["StepFunctionsCallbackPolicy"],
    ),
    "StateMachine.grantStartExecution": (
        allow("states:StartExecution", MACHINE),
        *MADE_FOR["StepFunctionsExecutionPolicy"],
    ),
    "StateMachine.grantRead": (
        [
            *allow("states:ListExecutions states:ListStateMachines", MACHINE),
            *allow(
                "states:DescribeExecution states:DescribeStateMachineForExecution states:GetExecutionHistory",
                f"arn:aws:states:{HERE}:execution:Orders:*",
            ),
            *allow("states:ListActivities states:DescribeStateMachine states:DescribeActivity", "*"),
        ],
        [
            *about("DescribeExecution GetExecutionHistory", "stepfunctions", executionArn=EXECUTION),
            *about("ListExecutions DescribeStateMachine", "stepfunctions", stateMachineArn=MACHINE),
        ],
        [
            *about("DescribeExecution", "stepfunctions", executionArn=TOKENS["of-others"]),
            *about("StopExecution", "stepfunctions", executionArn=EXECUTION),
        ],
    ),
    "EventBus.grantPutEventsTo": (
        allow("events:PutEvents", f"arn:aws:events:{HERE}:event-bus/eventbusname"),
        *MADE_FOR["EventBridgePutEventsPolicy"],
    ),
    "Bucket.grantRead": (
        allow("s3:GetObject* s3:GetBucket* s3:List*", BUCKET, f"{BUCKET}/*"),
        [
            *about("GetObject HeadObject GetObjectTagging", "s3", Bucket="orders", Key="a"),
            *about("ListObjectsV2 ListObjectVersions GetBucketLocation", "s3", Bucket="orders"),
        ],
        about("PutObject DeleteObject", "s3", Bucket="orders", Key="a"),
    ),
    "Bucket.grantReadWrite": (
        allow(
            "s3:GetObject* s3:GetBucket* s3:List* s3:DeleteObject* s3:PutObject s3:PutObjectLegalHold "
            "s3:PutObjectRetention s3:PutObjectTagging s3:PutObjectVersionTagging s3:Abort*",
            BUCKET,
            f"{BUCKET}/*",
        ),
        about(
            "GetObject PutObject DeleteObject CreateMultipartUpload UploadPart CompleteMultipartUpload "
            "AbortMultipartUpload ListParts PutObjectTagging",
            "s3",
            Bucket="orders",
            Key="a",
        ),
        about("GetObject PutObject", "s3", Bucket="other", Key="a"),
    ),
    "Secret.grantRead": (
        allow("secretsmanager:GetSecretValue secretsmanager:DescribeSecret", SECRET),
        about("GetSecretValue DescribeSecret", "secretsmanager", SecretId=SECRET),
        about("GetSecretValue", "secretsmanager", SecretId=f"{SECRET}2"),
    ),
    "StringParameter.grantRead": (
        allow(
            "ssm:DescribeParameters ssm:GetParameters ssm:GetParameter ssm:GetParameterHistory",
            f"arn:aws:ssm:{HERE}:parameter/orders",
        ),
        *MADE_FOR["SSMParameterReadPolicy"],
    ),
    "LogGroup.grantWrite": (
        allow(
            "logs:CreateLogStream logs:PutLogEvents",
            f"arn:aws:logs:{HERE}:log-group:orders:*",
        ),
        on(
            ("logs:CreateLogStream", {"logGroupName": "orders", "logStreamName": "s"}),
            ("logs:PutLogEvents", {"logGroupName": "orders", "logStreamName": "s"}),
        ),
        on(("logs:PutLogEvents", {"logGroupName": "other", "logStreamName": "s"})),
    ),
}


@pytest.mark.parametrize("grant", GRANTS)
def test_a_grant_of_the_cdk_allows_what_it_is_made_for_and_nothing_else(grant: str) -> None:
    own, fine, others = GRANTS[grant]
    assert [(call.operation, refused(call, own)) for call in fine if refused(call, own)] == []
    assert [call.operation for call in others if not refused(call, own)] == []


def test_a_grant_on_an_encrypted_table_has_the_key_s_actions() -> None:
    # Statements added by `grantReadData` for a table with `encryptionKey`.
    own = [*GRANTS["Table.grantReadWriteData"][0], *allow("kms:Decrypt kms:DescribeKey", KEY)]
    policy = {
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"}
    }
    keys = Keys({KEY: {**policy, "Version": "2012-10-17"}}, {}, {TABLE: KEY})
    assert refused(a_call("dynamodb:GetItem", TableName="orders"), own, keys=keys) == []
