"""Services on the embedded engine use the world's clock for every time that they report or count with."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import moto
import pytest
from contract import Lab, function, output_of, role

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.states import DEFAULT_START
from harness.stepfunctions.task_time import ClockMode

START = datetime.fromtimestamp(DEFAULT_START, UTC)
READINGS = """
import datetime, time, sys
from datetime import datetime as held
from time import time as kept
from harness.engine.moto.world_time import WorldTime, at, real_time
from harness.states import VirtualClock
assert "pytest" not in sys.modules
WorldTime(VirtualClock(1_000_000_000.5)).install()
assert kept() == time.time() == time.time_ns() / 1e9 == 1_000_000_000.5
assert time.clock_gettime(time.CLOCK_REALTIME) == 1_000_000_000.5
assert held.now(datetime.UTC) == datetime.datetime.fromtimestamp(1_000_000_000.5, datetime.UTC)
assert held.utcnow() == datetime.datetime(2001, 9, 9, 1, 46, 40, 500_000)
assert datetime.date.today().year == time.gmtime().tm_year == time.localtime().tm_year == 2001
assert time.strftime("%Y") == "2001" and time.ctime() == time.asctime(), time.ctime()
with at(lambda: 2_000_000_000.25):
    assert kept() == 2_000_000_000.25
assert kept() == 1_000_000_000.5
assert real_time() > 1_700_000_000
before = time.monotonic()
time.sleep(0.01)
assert 0.01 <= time.monotonic() - before < 5
"""
REAL = re.compile(r"\b(?:monotonic|perf_counter|process_time|getmtime|st_mtime|st_ctime|os\.times)\b")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    engine = MotoEngine()
    try:
        yield Lab(engine, Clients(engine.start()), tmp_path_factory.mktemp("lab"))
    finally:
        engine.stop()


@pytest.fixture
def world(lab: Lab) -> Lab:
    """A new world in which time does not pass on its own."""
    lab.engine.reset()
    lab.engine.set_clock_mode(ClockMode.STEPPED)
    return lab


def test_every_way_to_read_the_time_is_redirected() -> None:
    done = subprocess.run([sys.executable, "-c", READINGS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_moto_reads_no_time_that_is_not_redirected() -> None:
    found = {
        str(path.relative_to(Path(moto.__file__).parent))
        for path in Path(moto.__file__).parent.rglob("*.py")
        if REAL.search(path.read_text())
    }
    assert found == set()


def test_what_services_tell_is_the_time_of_the_world(world: Lab) -> None:
    clients = world.clients
    template: dict[str, Any] = {
        "Resources": {
            "Role": role(),
            "F": function("app.go"),
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "BillingMode": "PAY_PER_REQUEST",
                    "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
                },
            },
        }
    }
    stack = world.deploy(template, {"src/app.py": "def go(event, context):\n    pass\n"})
    bucket, table = stack.resources["Bucket"].physical_id, stack.resources["Table"].physical_id
    clients.s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    clients.s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    queue = stack.resources["Queue"].physical_id
    clients.sqs.send_message(QueueUrl=queue, MessageBody="x")
    (message,) = clients.sqs.receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"]
    attributes = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    ssm, secrets, logs, sts = (clients.client(name) for name in ("ssm", "secretsmanager", "logs", "sts"))
    ssm.put_parameter(Name="p", Value="1", Type="String")
    secrets.create_secret(Name="s", SecretString="1")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    now_ms = round(DEFAULT_START * 1000)
    put = logs.put_log_events(
        logGroupName="g", logStreamName="s", logEvents=[{"timestamp": now_ms, "message": "m"}]
    )
    assert "rejectedLogEventsInfo" not in put
    (stream,) = logs.describe_log_streams(logGroupName="g")["logStreams"]
    (event,) = logs.filter_log_events(logGroupName="g", startTime=now_ms)["events"]
    assumed = sts.assume_role(RoleArn=world.role_arn, RoleSessionName="me", DurationSeconds=900)
    head = clients.s3.head_object(Bucket=bucket, Key="a")
    described = clients.dynamodb.describe_table(TableName=table)["Table"]
    moments = {
        "date": parsedate_to_datetime(head["ResponseMetadata"]["HTTPHeaders"]["date"]),
        "bucket": clients.s3.list_buckets()["Buckets"][0]["CreationDate"],
        "head": head["LastModified"],
        "get": clients.s3.get_object(Bucket=bucket, Key="a")["LastModified"],
        "listed": clients.s3.list_objects_v2(Bucket=bucket)["Contents"][0]["LastModified"],
        "copied": clients.s3.list_objects_v2(Bucket=bucket)["Contents"][1]["LastModified"],
        "version": clients.s3.list_object_versions(Bucket=bucket)["Versions"][0]["LastModified"],
        "table": described["CreationDateTime"],
        "stream": datetime.fromisoformat(described["LatestStreamLabel"]).replace(tzinfo=UTC),
        "function": datetime.fromisoformat(clients.lambda_.list_functions()["Functions"][0]["LastModified"]),
        "stack": clients.cloudformation.describe_stacks()["Stacks"][0]["CreationTime"],
        "role": clients.iam.get_role(RoleName="contract")["Role"]["CreateDate"],
        "parameter": ssm.get_parameter(Name="p")["Parameter"]["LastModifiedDate"],
        "secret": secrets.describe_secret(SecretId="s")["CreatedDate"],
        "expiration": assumed["Credentials"]["Expiration"] - timedelta(seconds=900),
        "queue": at(attributes["CreatedTimestamp"]),
        "sent": at(int(message["Attributes"]["SentTimestamp"]) / 1000),
        "received": at(int(message["Attributes"]["ApproximateFirstReceiveTimestamp"]) / 1000),
        "log stream": at(stream["creationTime"] / 1000),
        "ingestion": at(event["ingestionTime"] / 1000),
        "machine": clients.stepfunctions.describe_state_machine(
            stateMachineArn=world.machine({"P": {"Type": "Pass", "End": True}})
        )["creationDate"],
    }
    wrong = {name: moment for name, moment in moments.items() if moment.astimezone(UTC) != START}
    assert wrong == {}


def at(seconds: object) -> datetime:
    return datetime.fromtimestamp(float(str(seconds)), UTC)


PROBES = """
import json
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import boto3
from botocore.exceptions import ClientError

s3, sqs, logs, sts = (boto3.client(name) for name in ("s3", "sqs", "logs", "sts"))


def now():
    return datetime.now(timezone.utc)


def ages(event, context):
    s3.put_object(Bucket=event["bucket"], Key="k", Body=b"x")
    time.sleep(600)
    head = s3.head_object(Bucket=event["bucket"], Key="k")
    (listed,) = s3.list_objects_v2(Bucket=event["bucket"])["Contents"]
    try:
        s3.get_object(Bucket=event["bucket"], Key="k", IfModifiedSince=now() - timedelta(minutes=5))
        status = 200
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    url = s3.generate_presigned_url("get_object", {"Bucket": event["bucket"], "Key": "k"}, ExpiresIn=60)
    read = urllib.request.urlopen(url).read().decode()
    answered = head["ResponseMetadata"]["HTTPHeaders"]
    assumed = sts.assume_role(RoleArn=event["role"], RoleSessionName="me", DurationSeconds=900)
    return {
        "head": (now() - head["LastModified"]).total_seconds(),
        "listed": (now() - listed["LastModified"]).total_seconds(),
        "date": (now() - parsedate_to_datetime(answered["date"])).total_seconds(),
        "not modified": status,
        "read": read,
        "expires in": (assumed["Credentials"]["Expiration"] - now()).total_seconds(),
    }


def log(event, context):
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    events = [{"timestamp": int(time.time() * 1000), "message": "m"}]
    put = logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)
    time.sleep(5)
    old = logs.filter_log_events(logGroupName="g", startTime=int(time.time() * 1000))["events"]
    (one,) = logs.filter_log_events(logGroupName="g", endTime=int(time.time() * 1000))["events"]
    (stream,) = logs.describe_log_streams(logGroupName="g")["logStreams"]
    return {
        "rejected": put.get("rejectedLogEventsInfo"),
        "later": len(old),
        "ingested": one["ingestionTime"] - events[0]["timestamp"],
        "created": stream["creationTime"] - events[0]["timestamp"],
    }


def receive(url, **more):
    return [
        {"body": each["Body"], **each["Attributes"], "handle": each["ReceiptHandle"]}
        for each in sqs.receive_message(
            QueueUrl=url, AttributeNames=["All"], MaxNumberOfMessages=10, **more
        ).get("Messages", ())
    ]


def queue(event, context):
    url, begun = event["queue"], time.time()
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=30)
    sqs.send_message(QueueUrl=url, MessageBody="soon")
    seen = {"at once": [each["body"] for each in receive(url, VisibilityTimeout=30)]}
    time.sleep(29)
    seen["after 29"] = [each["body"] for each in receive(url, VisibilityTimeout=30)]
    time.sleep(1)
    both = receive(url, VisibilityTimeout=100)
    seen["after 30"] = [each["body"] for each in both]
    seen["counts"] = [each["ApproximateReceiveCount"] for each in both]
    seen["sent"] = [round(int(each["SentTimestamp"]) / 1000 - begun, 3) for each in both]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=both[0]["handle"], VisibilityTimeout=5)
    time.sleep(4)
    seen["after 34"] = [each["body"] for each in receive(url)]
    time.sleep(1)
    seen["after 35"] = [each["body"] for each in receive(url, VisibilityTimeout=100)]
    time.sleep(1)
    names = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    ]
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)
    counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    seen["counted"] = [int(counted[name]) for name in names]
    return seen
"""


def probed(world: Lab, handler: str, **given: str) -> Any:
    template = {"Resources": {"Role": role(), "F": function(f"app.{handler}", Timeout=900)}}
    arn = world.deploy(template, {"src/app.py": PROBES}).resources["F"].physical_id
    return output_of(world.play({"F": {"Type": "Task", "Resource": arn_of(world, arn), "End": True}}, given))


def arn_of(world: Lab, name: str) -> str:
    return world.clients.lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]


def test_a_function_reads_each_time_at_its_own_moment(world: Lab) -> None:
    world.clients.create_bucket("ages")
    assert probed(world, "ages", bucket="ages", role=world.role_arn) == {
        "head": 600,
        "listed": 600,
        "date": 0,
        "not modified": 304,
        "read": "x",
        "expires in": 900,
    }


def test_log_events_of_now_are_kept(world: Lab) -> None:
    assert probed(world, "log") == {"rejected": None, "later": 0, "ingested": 0, "created": 0}


def test_visibility_and_delay_end_on_the_clock(world: Lab) -> None:
    url = world.clients.sqs.create_queue(QueueName="q")["QueueUrl"]
    assert probed(world, "queue", queue=url) == {
        "at once": ["soon"],
        "after 29": [],
        "after 30": ["late", "soon"],
        "counts": ["1", "2"],
        "sent": [0, 0],
        "after 34": [],
        "after 35": ["late"],
        "counted": [0, 2, 1],
    }


def receiving(url: str, seconds: int) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:receiveMessage",
        "Parameters": {"QueueUrl": url, "WaitTimeSeconds": seconds},
        "ResultSelector": {"messages.$": "$.Messages[*].Body"},
        "End": True,
    }


def test_waiting_for_a_message_takes_no_real_time(world: Lab) -> None:
    url = world.clients.sqs.create_queue(QueueName="waited")["QueueUrl"]
    begun = time.monotonic()
    execution = world.play({"R": {**receiving(url, 20), "ResultSelector": {"got": "nothing"}}})
    assert (execution.stopped_at - execution.started_at).total_seconds() == 20
    assert time.monotonic() - begun < 15


def test_waiting_for_a_message_ends_when_it_comes(world: Lab) -> None:
    url = world.clients.sqs.create_queue(QueueName="coming")["QueueUrl"]
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody": "x", "DelaySeconds": 2},
        "End": True,
    }
    wait = {"Type": "Wait", "Seconds": 5, "Next": "Send"}
    branches = [
        {"StartAt": "R", "States": {"R": receiving(url, 20)}},
        {"StartAt": "W", "States": {"W": wait, "Send": send}},
    ]
    execution = world.play({"P": {"Type": "Parallel", "Branches": branches, "End": True}})
    assert output_of(execution)[0] == {"messages": ["x"]}
    assert (execution.stopped_at - execution.started_at).total_seconds() == pytest.approx(7, abs=0.01)
