"""Messages have the attributes that SQS accepts, and queues have URLs that their callers can use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab, function, role

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine

MINE = """
import boto3

def handler(event, context):
    sqs = boto3.client("sqs")
    urls = [sqs.create_queue(QueueName="mine")["QueueUrl"], sqs.get_queue_url(QueueName="mine")["QueueUrl"]]
    urls += sqs.list_queues()["QueueUrls"]
    for url in urls:
        sqs.send_message(QueueUrl=url, MessageBody="x")
    return urls
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


@pytest.mark.parametrize(
    "empty",
    [
        {"DataType": "String", "StringValue": ""},
        {"DataType": "Binary", "BinaryValue": b""},
        {"DataType": "Number"},
    ],
)
def test_an_attribute_has_a_value(harness_clients: Clients, empty: dict[str, Any]) -> None:
    sqs: Any = harness_clients.sqs
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    entry = {"Id": "1", "MessageBody": "x", "MessageAttributes": {"kind": empty}}
    refused = r"Message \(user\) attribute 'kind' must contain a non-empty value of type '"
    with pytest.raises(ClientError, match=refused) as error:
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes={"kind": empty})
    assert error.value.response["Error"]["Code"] == "InvalidParameterValue"
    with pytest.raises(ClientError, match=refused):
        sqs.send_message_batch(QueueUrl=queue, Entries=[entry])
    full = {
        "kind": {"DataType": "Binary", "BinaryValue": b"\0"},
        "n": {"DataType": "Number", "StringValue": "0"},
    }
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=full)
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    assert counts["Attributes"]["ApproximateNumberOfMessages"] == "1"


def test_a_message_has_ten_attributes_at_most(harness_clients: Clients) -> None:
    sqs: Any = harness_clients.sqs
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    attributes = {f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(11)}
    with pytest.raises(ClientError, match=r"attributes \[11\] exceeds the allowed maximum \[10\]"):
        sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=attributes)
    attributes.pop("a10")
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageAttributes=attributes)


def test_what_runs_there_is_given_the_urls_of_aws(engine: MotoEngine, tmp_path: Path) -> None:
    """The URLs are the same in every run. External callers get a URL where the engine responds."""
    clients = Clients(engine.reset())
    lab = Lab(engine, clients, tmp_path)
    template = {"Resources": {"Role": role(), "Fn": function("app.handler", FunctionName="mine")}}
    lab.deploy(template, {"src/app.py": MINE})
    mine = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Url"}
    url = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl", "End": True}
    mine |= {"Parameters": {"FunctionName": "mine"}, "ResultSelector": {"urls.$": "$.Payload"}}
    url |= {"Parameters": {"QueueName": "mine"}, "ResultPath": "$.url"}
    ended = lab.execute(lab.machine({"Mine": mine, "Url": url}))
    aws = "https://sqs.us-east-1.amazonaws.com/123456789012/mine"
    assert ended.status == "SUCCEEDED", ended.cause
    assert json.loads(ended.output or "") == {"urls": [aws] * 3, "url": {"QueueUrl": aws}}
    local = clients.sqs.get_queue_url(QueueName="mine")["QueueUrl"]
    assert local == f"{clients.sqs.meta.endpoint_url}/123456789012/mine"
    counts = clients.sqs.get_queue_attributes(QueueUrl=local, AttributeNames=["ApproximateNumberOfMessages"])
    assert counts["Attributes"]["ApproximateNumberOfMessages"] == "3"
