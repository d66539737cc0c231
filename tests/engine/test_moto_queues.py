"""Messages have the attributes that SQS takes."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.engine.clients import Clients


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
