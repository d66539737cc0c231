"""Asynchronous events happen on the world's clock, in a fixed order, and are awaited."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from contract import Lab, function, output_of, role

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.functions.shared.model import Invocation
from harness.stack.model import Stack
from harness.states import DEFAULT_START
from harness.stepfunctions.task_time import ClockMode

CODE = """
import json
import time

import boto3

sns, lambda_, s3 = (boto3.client(name) for name in ("sns", "lambda", "s3"))
sqs, events, dynamodb = (boto3.client(name) for name in ("sqs", "events", "dynamodb"))


def publish(event, context):
    begun = time.time()
    time.sleep(5)
    sns.publish(TopicArn=event["topic"], Message="m")
    lambda_.invoke(FunctionName=event["slow"], InvocationType="Event", Payload=b'{"by": "invoke"}')
    s3.put_object(Bucket=event["bucket"], Key="k", Body=b"")
    sqs.send_message(QueueUrl=event["queue"], MessageBody="m")
    events.put_events(Entries=[{"Source": "mine", "DetailType": "t", "Detail": "{}"}])
    dynamodb.put_item(TableName=event["table"], Item={"id": {"S": "1"}})
    return time.time() - begun


def slow(event, context):
    time.sleep(30)
    return time.time()


def fail(event, context):
    time.sleep(1)
    raise ValueError("no")


def loop(event, context):
    lambda_.invoke(FunctionName=context.function_name, InvocationType="Event", Payload=b"{}")


def wait(event, context):
    begun = time.time()
    got = sqs.receive_message(QueueUrl=event["queue"], WaitTimeSeconds=3).get("Messages", [])
    return [len(got), time.time() - begun]
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def lab(engine: MotoEngine, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(engine, Clients(engine.reset()), tmp_path_factory.mktemp("lab"))
    engine.set_clock_mode(ClockMode.STEPPED)
    return lab


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def resources_of(handler: str) -> dict[str, Any]:
    """A function for each kind of asynchronous invocation."""
    names = ("OfTopic", "Slow", "OfBucket", "OfQueue", "OfRule", "OfTable")
    stream = {"Fn::GetAtt": ["Table", "StreamArn"]}
    notified = {"Event": "s3:ObjectCreated:*", "Function": arn("OfBucket")}
    return {
        "Role": role(),
        "Publish": function("app.publish", Timeout=60),
        **{name: function(f"app.{handler}", Timeout=60) for name in names},
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"Subscription": [{"Protocol": "lambda", "Endpoint": arn("OfTopic")}]},
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"NotificationConfiguration": {"LambdaConfigurations": [notified]}},
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["mine"]},
                "Targets": [{"Id": "f", "Arn": arn("OfRule")}],
            },
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
            },
        },
        "OfQueueMapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": arn("Queue"), "FunctionName": {"Ref": "OfQueue"}},
        },
        "OfTableMapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": stream,
                "FunctionName": {"Ref": "OfTable"},
                "StartingPosition": "LATEST",
            },
        },
    }


def played(lab: Lab, handler: str) -> tuple[Any, dict[str, list[Invocation]]]:
    """Run the publisher as a task. Return its output and the invocations of each function."""
    stack = lab.deploy({"Resources": resources_of(handler)}, {"src/app.py": CODE})
    ids = {name: each.physical_id for name, each in stack.resources.items()}
    given = {name.lower(): ids[name] for name in ("Topic", "Slow", "Bucket", "Queue", "Table")}
    task = {"Type": "Task", "Resource": arn_of(lab, ids["Publish"]), "End": True}
    output = output_of(lab.play({"P": task}, given))
    assert lab.engine.settle(30)
    invocations = lab.engine.invocations()
    return output, {name: [i for i in invocations if i.function == ids[name]] for name in ids}


def arn_of(lab: Lab, name: str) -> str:
    return lab.clients.lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]


ORDER = ["OfTopic", "Slow", "OfBucket", "OfQueue", "OfRule", "OfTable"]


def test_events_do_not_delay_who_sends_them_and_begin_at_that_moment(lab: Lab) -> None:
    output, made = played(lab, "slow")
    assert output == 5
    assert {name: [i.started_at - DEFAULT_START for i in made[name]] for name in ORDER} == {
        name: [5] for name in ORDER
    }
    assert {name: [float(i.result) - DEFAULT_START for i in made[name]] for name in ORDER} == {
        name: [35] for name in ORDER
    }
    names = {made[name][0].function: name for name in ORDER}
    begun = [names[i.function] for i in lab.engine.invocations() if i.function in names]
    assert begun == ORDER
    assert json.loads(made["Slow"][0].payload) == {"by": "invoke"}
    topic = json.loads(made["OfTopic"][0].payload)["Records"][0]["Sns"]["Timestamp"]
    assert topic == "2025-01-01T00:00:05.000Z"
    assert json.loads(made["OfBucket"][0].payload)["Records"][0]["eventTime"] == "2025-01-01T00:00:05.000Z"
    assert json.loads(made["OfRule"][0].payload)["time"] == "2025-01-01T00:00:05Z"
    table = json.loads(made["OfTable"][0].payload)["Records"][0]["dynamodb"]
    assert table["ApproximateCreationDateTime"] == DEFAULT_START + 5


def test_what_fails_is_tried_again_after_one_minute_and_after_two(lab: Lab) -> None:
    _, made = played(lab, "fail")
    # Each attempt takes 1 s. Messages in a queue without a dead-letter queue are redelivered for days.
    thrice, once = [5.0, 66.0, 187.0], [5.0]
    assert {name: [i.started_at - DEFAULT_START for i in made[name]] for name in ORDER} == {
        "OfTopic": thrice,
        "Slow": thrice,
        "OfBucket": thrice,
        "OfRule": thrice,
        "OfQueue": [5.0, 35.0, 65.0, 95.0, 125.0, 155.0, 185.0],
        "OfTable": once,
    }
    assert len({i.request_id for i in made["OfTopic"]}) == 1


def simple(lab: Lab, **handlers: str) -> Stack:
    functions = {name: function(f"app.{handler}", Timeout=60) for name, handler in handlers.items()}
    return lab.deploy({"Resources": {"Role": role(), **functions}}, {"src/app.py": CODE})


def test_functions_that_invoke_themselves_come_to_an_end(lab: Lab) -> None:
    stack = simple(lab, Loop="loop")
    lab.clients.lambda_.invoke(FunctionName=stack.resources["Loop"].physical_id, InvocationType="Event")
    assert len(lab.engine.invocations()) == 16


def test_an_invocation_from_outside_sleeps_on_the_clock(lab: Lab) -> None:
    stack, begun = simple(lab, Slow="slow"), time.monotonic()
    before = lab.engine.clock.monotonic()
    answer = lab.clients.lambda_.invoke(FunctionName=stack.resources["Slow"].physical_id)
    assert json.loads(answer["Payload"].read()) == before + 30
    assert time.monotonic() - begun < 25
    assert lab.engine.clock.monotonic() == before + 30


def test_a_function_waits_for_a_message_on_its_clock(lab: Lab) -> None:
    stack = simple(lab, Wait="wait")
    url = lab.clients.sqs.create_queue(QueueName="empty")["QueueUrl"]
    task = {"Type": "Task", "Resource": arn_of(lab, stack.resources["Wait"].physical_id), "End": True}
    assert output_of(lab.play({"W": task}, {"queue": url})) == [0, 3]


def test_items_are_deleted_two_days_after_their_time(lab: Lab) -> None:
    table: dict[str, Any] = resources_of("slow")["Table"]
    table["Properties"]["TimeToLiveSpecification"] = {"AttributeName": "ends", "Enabled": True}
    table["Properties"]["StreamSpecification"] = {"StreamViewType": "OLD_IMAGE"}
    stack = lab.deploy({"Resources": {"Table": table}}, {})
    assert stack.notes == ()
    name, db = stack.resources["Table"].physical_id, lab.clients.dynamodb
    for number, ends in enumerate((100, 200, -200 * 86400 * 365), 1):
        item: Any = {"id": {"S": str(number)}, "ends": {"N": str(DEFAULT_START + ends)}}
        db.put_item(TableName=name, Item=item)

    def left() -> list[str]:
        return sorted(item["id"]["S"] for item in db.scan(TableName=name)["Items"])

    lab.engine.clock.sleep(48 * 3600 + 99)
    assert left() == ["1", "2", "3"]
    lab.engine.clock.sleep(1)
    assert lab.engine.settle(10)
    assert left() == ["2", "3"]
    lab.engine.clock.sleep(86400 * 30)
    assert left() == ["3"]
    streams: Any = lab.clients.client("dynamodbstreams")
    stream = streams.list_streams(TableName=name)["Streams"][0]["StreamArn"]
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    removed = [record for record in records if record["eventName"] == "REMOVE"]
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in removed] == ["1", "2"]
    assert removed[0]["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    when = removed[1]["dynamodb"]["ApproximateCreationDateTime"].astimezone(UTC)
    assert when == datetime.fromtimestamp(DEFAULT_START + 200 + 48 * 3600, UTC)
