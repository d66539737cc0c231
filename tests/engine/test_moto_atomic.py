"""Requests to the embedded engine are atomic. Requests at the same virtual moment run in a fixed order."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from contract import Lab

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine

BRANCHES = 40
COUNT = """
import boto3, os

def handler(event, context):
    boto3.client("dynamodb").update_item(
        TableName=os.environ["TABLE"], Key={"pk": {"S": "n"}}, UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
"""
# Publishes again, as long as the message requests it.
PUBLISH = """
import boto3

def handler(event, context):
    times, sns = int(event["Records"][0]["Sns"]["Message"]), boto3.client("sns")
    if times:
        sns.publish(TopicArn=sns.list_topics()["Topics"][0]["TopicArn"], Message=str(times - 1))
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def lab(engine: MotoEngine, tmp_path: Path) -> Lab:
    return Lab(engine, Clients(engine.reset()), tmp_path)


def table(lab: Lab) -> str:
    lab.clients.dynamodb.create_table(
        TableName="counts",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return "counts"


def template(**variables: str) -> dict[str, Any]:
    """A template with one function named `Fn`."""
    trust = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}
    function = {
        "Runtime": "python3.12",
        "Handler": "app.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": "./fn",
        "Environment": {"Variables": variables},
    }
    return {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": trust},
            "Fn": {"Type": "AWS::Lambda::Function", "Properties": function},
        }
    }


def task(resource: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **more}


def mapped(lab: Lab, states: dict[str, Any]) -> str:
    """A machine that performs a task for each number, all at the same moment."""
    processor = {"StartAt": next(iter(states)), "States": states}
    return lab.machine({"Each": {"Type": "Map", "ItemProcessor": processor, "End": True}})


def test_no_conditional_increment_is_lost(lab: Lab) -> None:
    parameters = {
        "TableName": table(lab),
        "Key": {"pk": {"S.$": "$"}},
        "UpdateExpression": "SET n = if_not_exists(n, :none) + :one",
        "ConditionExpression": "attribute_not_exists(n) OR n < :most",
        "ExpressionAttributeValues": {
            ":one": {"N": "1"},
            ":none": {"N": "0"},
            ":most": {"N": str(BRANCHES)},
        },
    }
    state = task("arn:aws:states:::dynamodb:updateItem", parameters)
    machine = mapped(lab, {"Count": state})
    for run in range(50):
        ended = lab.execute(machine, [f"r{run}"] * BRANCHES, f"run-{run}")
        assert ended.status == "SUCCEEDED", ended.cause
    counted = [int(item["n"]["N"]) for item in lab.clients.dynamodb.scan(TableName="counts")["Items"]]
    assert counted == [BRANCHES] * 50


def test_the_first_of_a_moment_wins(lab: Lab) -> None:
    put = task(
        "arn:aws:states:::dynamodb:putItem",
        {
            "TableName": table(lab),
            "Item": {"pk": {"S.$": "$.run"}, "by": {"N.$": "States.Format('{}', $.number)"}},
            "ConditionExpression": "attribute_not_exists(pk)",
        },
        ResultPath=None,
        Catch=[{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "Next": "Lost"}],
    )
    machine = mapped(lab, {"Put": put, "Lost": {"Type": "Pass", "Result": "lost", "End": True}})
    for run in range(50):
        ended = lab.execute(machine, [{"run": f"r{run}", "number": n} for n in range(8)], f"run-{run}")
        assert json.loads(ended.output or "")[1:] == ["lost"] * 7
    items = lab.clients.dynamodb.scan(TableName="counts")["Items"]
    assert [item["by"]["N"] for item in items] == ["0"] * 50


def test_messages_and_versions_come_in_the_order_of_the_branches(lab: Lab) -> None:
    url = lab.clients.sqs.create_queue(QueueName="numbers")["QueueUrl"]
    lab.clients.s3.create_bucket(Bucket="versions")
    lab.clients.s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    send = task("arn:aws:states:::sqs:sendMessage", {"QueueUrl": url, "MessageBody.$": "$.number"})
    put = task(
        "arn:aws:states:::aws-sdk:s3:putObject", {"Bucket": "versions", "Key": "k", "Body.$": "$.number"}
    )
    del send["End"]
    machine = mapped(lab, {"Send": send | {"Next": "Put", "ResultPath": None}, "Put": put})
    lab.execute(machine, [{"number": str(n)} for n in range(BRANCHES)])
    received: list[str] = []
    while len(received) < BRANCHES:
        page = lab.clients.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        received += [message["Body"] for message in page]
    assert received == [str(n) for n in range(BRANCHES)]
    versions = lab.clients.s3.list_object_versions(Bucket="versions")["Versions"]
    bodies = [
        lab.clients.s3.get_object(Bucket="versions", Key="k", VersionId=each["VersionId"])["Body"].read()
        for each in versions
    ]
    assert bodies == [json.dumps(str(n)).encode() for n in reversed(range(BRANCHES))]


def test_the_increments_of_functions_are_all_counted(lab: Lab) -> None:
    function = lab.deploy(template(TABLE=table(lab)), {"fn/app.py": COUNT}).resources["Fn"].physical_id
    state = task("arn:aws:states:::lambda:invoke", {"FunctionName": function})
    ended = lab.execute(mapped(lab, {"Count": state}), list(range(BRANCHES)))
    assert ended.status == "SUCCEEDED", ended.cause
    (item,) = lab.clients.dynamodb.scan(TableName="counts")["Items"]
    assert item["n"] == {"N": str(BRANCHES)}


def test_many_threads_that_write_and_list_meet_no_error(lab: Lab) -> None:
    clients = lab.clients
    clients.s3.create_bucket(Bucket="many")

    def work(number: int) -> None:
        clients.s3.put_object(Bucket="many", Key=f"k{number}", Body=b"x")
        clients.s3.list_objects_v2(Bucket="many", Delimiter="/")
        clients.sns.create_topic(Name=f"t{number}")
        clients.sns.list_topics()
        clients.sqs.create_queue(QueueName=f"q{number}")
        clients.sqs.list_queues()
        clients.iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument="{}")
        clients.iam.list_roles()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(48)))
    assert len(clients.sns.list_topics()["Topics"]) == 48
    assert len(clients.s3.list_objects_v2(Bucket="many")["Contents"]) == 48


def test_a_function_behind_a_topic_may_publish_itself(lab: Lab) -> None:
    """Each delivery publishes in turn. If it kept a lock, the lock would never be released."""
    function = lab.deploy(template(), {"fn/app.py": PUBLISH}).resources["Fn"].physical_id
    arn = lab.clients.lambda_.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    topic = lab.clients.sns.create_topic(Name="echo")["TopicArn"]
    queue = lab.clients.sqs.create_queue(QueueName="echoes")["QueueUrl"]
    lab.clients.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    lab.clients.sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:echoes"
    )
    publish = task("arn:aws:states:::sns:publish", {"TopicArn": topic, "Message.$": "$"})
    ended = lab.execute(mapped(lab, {"Tell": publish}), ["2", "0", "1"])
    assert ended.status == "SUCCEEDED", ended.cause
    assert lab.engine.settle(30)
    told = lab.clients.sqs.get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert told["Attributes"]["ApproximateNumberOfMessages"] == "6"


def test_who_waits_for_a_message_keeps_nobody_out(lab: Lab) -> None:
    url = lab.clients.sqs.create_queue(QueueName="late")["QueueUrl"]
    received: list[Any] = []

    def wait() -> None:
        received.extend(lab.clients.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"])

    waiter = threading.Thread(target=wait)
    waiter.start()
    lab.clients.sqs.send_message(QueueUrl=url, MessageBody="here")
    waiter.join(20)
    assert [message["Body"] for message in received] == ["here"]


def test_a_call_to_step_functions_waits_for_its_moment_and_keeps_nobody_out(lab: Lab) -> None:
    """Described at 0.1 s, although an execution that was started later ends at 0.05 s."""
    table(lab)
    describe = task("arn:aws:states:::aws-sdk:sfn:describeExecution", {"ExecutionArn.$": "$$.Execution.Id"})
    count = task("arn:aws:states:::aws-sdk:dynamodb:scan", {"TableName": "counts"})
    branches = [{"StartAt": "A", "States": {"A": describe}}, {"StartAt": "B", "States": {"B": count}}]
    machine = lab.machine({"Both": {"Type": "Parallel", "Branches": branches, "End": True}})
    ended = lab.execute(machine)
    assert ended.status == "SUCCEEDED", ended.cause


def test_a_machine_that_deploys_a_machine(lab: Lab) -> None:
    """CreateStack creates a state machine while the simulation waits for CreateStack."""
    inner = {
        "Resources": {
            "M": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": lab.role_arn,
                    "DefinitionString": json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
                },
            }
        }
    }
    create = task(
        "arn:aws:states:::aws-sdk:cloudformation:createStack",
        {"StackName.$": "$", "TemplateBody": json.dumps(inner)},
    )
    ended = lab.execute(mapped(lab, {"Create": create}), [f"s{n}" for n in range(5)])
    assert ended.status == "SUCCEEDED", ended.cause
    assert len(lab.clients.cloudformation.describe_stacks()["Stacks"]) == 5
