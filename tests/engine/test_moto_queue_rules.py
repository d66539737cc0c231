"""Requests that SQS rejects, by code and message."""

from __future__ import annotations

from typing import Any

import pytest
from refusals import Refusal, refusal_of, unchecked

from harness.engine.clients import Clients

TOKEN = "can only include alphanumeric and punctuation characters. 1 to 128 in length."
NO_DEDUPLICATION = (
    "The queue should either have ContentBasedDeduplication enabled or "
    "MessageDeduplicationId provided explicitly"
)


def send(message: str, code: str = "InvalidParameterValue", queue: str = "{queue}", **more: Any) -> Refusal:
    return Refusal("send_message", {"QueueUrl": queue, "MessageBody": "m", **more}, code, message)


def send_all(message: str, code: str, *entries: dict[str, Any], queue: str = "{queue}") -> Refusal:
    parameters = {"QueueUrl": queue, "Entries": [{"MessageBody": "m", **entry} for entry in entries]}
    return Refusal("send_message_batch", parameters, code, message)


def receive(message: str, **asked: int) -> Refusal:
    return Refusal("receive_message", {"QueueUrl": "{queue}", **asked}, "InvalidParameterValue", message)


def create(message: str, code: str, name: str = "new", **attributes: str) -> Refusal:
    return Refusal("create_queue", {"QueueName": name, "Attributes": attributes}, code, message)


def change(message: str, code: str, queue: str = "{queue}", **attributes: str) -> Refusal:
    return Refusal("set_queue_attributes", {"QueueUrl": queue, "Attributes": attributes}, code, message)


CASES = [
    send("The request must contain the parameter MessageBody.", "MissingParameter", MessageBody=""),
    send("The request must contain the parameter MessageGroupId.", "MissingParameter", "{fifo}"),
    send(NO_DEDUPLICATION, queue="{fifo}", MessageGroupId="g"),
    send(
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not "
        "valid for this queue type.",
        queue="{fifo}",
        MessageGroupId="g",
        MessageDeduplicationId="d",
        DelaySeconds=2,
    ),
    send(
        "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        DelaySeconds=901,
    ),
    send(
        "Value d for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter "
        "that is not valid for this queue type.",
        MessageDeduplicationId="d",
    ),
    send(
        f"Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId {TOKEN}",
        MessageGroupId="a b",
    ),
    send(
        f"Value  for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId {TOKEN}",
        MessageDeduplicationId="",
    ),
    send(
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | "
        "#xE000 to #xFFFD | #x10000 to #x10FFFF",
        "InvalidMessageContents",
        MessageBody="\x01",
    ),
    send(
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
        MessageBody="é" * 524_289,
    ),
    send_all(
        "Maximum number of entries per request are 10. You have sent 11.",
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        *({"Id": str(n)} for n in range(11)),
    ),
    send_all("Id 1 repeated.", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", {"Id": "1"}, {"Id": "1"}),
    send_all(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at "
        "most 80 letters long.",
        "AWS.SimpleQueueService.InvalidBatchEntryId",
        {"Id": "a:b"},
    ),
    send_all(
        "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
        "AWS.SimpleQueueService.BatchRequestTooLong",
        {"Id": "1", "MessageBody": "m" * 1_048_576},
        {"Id": "2"},
    ),
    send_all(
        "The request must contain the parameter MessageGroupId.",
        "InvalidParameterValue",
        {"Id": "1"},
        queue="{fifo}",
    ),
    send_all(NO_DEDUPLICATION, "InvalidParameterValue", {"Id": "1", "MessageGroupId": "g"}, queue="{fifo}"),
    receive(
        "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, "
        "if provided.",
        MaxNumberOfMessages=11,
    ),
    receive(
        "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
        WaitTimeSeconds=21,
    ),
    receive(
        "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, "
        "if provided.",
        VisibilityTimeout=43_201,
    ),
    Refusal(
        "delete_message",
        {"QueueUrl": "{queue}", "ReceiptHandle": "none"},
        "ReceiptHandleIsInvalid",
        'The input receipt handle "none" is not a valid receipt handle.',
    ),
    Refusal(
        "delete_message_batch",
        {"QueueUrl": "{queue}", "Entries": [{"Id": "", "ReceiptHandle": "x"}]},
        "AWS.SimpleQueueService.InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at "
        "most 80 letters long.",
    ),
    Refusal(
        "get_queue_url",
        {"QueueName": "none"},
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
    ),
    create(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        "InvalidParameterValue",
        "a" * 81,
    ),
    create("Unknown Attribute Colour.", "InvalidAttributeName", Colour="red"),
    create(
        "Unknown Attribute ContentBasedDeduplication.",
        "InvalidAttributeName",
        ContentBasedDeduplication="true",
    ),
    create(
        "You can specify the DeduplicationScope only when FifoQueue is set to true.",
        "InvalidAttributeName",
        DeduplicationScope="queue",
    ),
    create("Invalid value for the parameter DelaySeconds.", "InvalidAttributeValue", DelaySeconds="901"),
    create(
        "A queue already exists with the same name and a different value for attribute DelaySeconds",
        "QueueAlreadyExists",
        "orders",
        DelaySeconds="1",
    ),
    change(
        "Value text for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.",
        "InvalidParameterValue",
        RedrivePolicy="text",
    ),
    change("Unknown Attribute FifoQueue.", "InvalidAttributeName", FifoQueue="true"),
    change(
        "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
        "InvalidAttributeValue",
        "{fifo}",
        FifoQueue="false",
    ),
]


@pytest.fixture
def sqs(harness_clients: Clients) -> Any:
    return unchecked(harness_clients, "sqs")


@pytest.fixture
def made(sqs: Any) -> dict[str, str]:
    return {
        "queue": sqs.create_queue(QueueName="orders")["QueueUrl"],
        "fifo": sqs.create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"],
    }


def test_what_is_refused(sqs: Any, made: dict[str, str], subtests: Any) -> None:
    for case in CASES:
        with subtests.test(case.operation, message=case.message):
            refusal_of(sqs, case, made)


def test_errors_have_a_name_of_each_protocol(sqs: Any, made: dict[str, str]) -> None:
    with pytest.raises(sqs.exceptions.ClientError) as caught:
        sqs.receive_message(QueueUrl=made["queue"], MaxNumberOfMessages=11)
    error: Any = caught.value.response["Error"]
    assert (error["Code"], error["QueryErrorCode"]) == (
        "InvalidParameterValue",
        "InvalidParameterValueException",
    )


def test_a_message_of_a_batch_that_is_wrong_fails_by_itself(sqs: Any, made: dict[str, str]) -> None:
    entries = [{"Id": "good", "MessageBody": "m"}, {"Id": "bad", "MessageBody": "\x01"}]
    answer = sqs.send_message_batch(QueueUrl=made["queue"], Entries=entries)
    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    assert [(entry["Id"], entry["Code"], entry["SenderFault"]) for entry in answer["Failed"]] == [
        ("bad", "InvalidMessageContents", True)
    ]


def test_what_is_right_is_taken(sqs: Any, made: dict[str, str]) -> None:
    sqs.send_message(
        QueueUrl=made["queue"], MessageBody="m" * 1_048_576, MessageGroupId="g", DelaySeconds=900
    )
    sqs.set_queue_attributes(QueueUrl=made["queue"], Attributes={"VisibilityTimeout": "0"})
    sqs.set_queue_attributes(QueueUrl=made["fifo"], Attributes={"FifoQueue": "true"})
    sent = sqs.send_message(
        QueueUrl=made["fifo"], MessageBody="m", MessageGroupId="g!", MessageDeduplicationId="d"
    )
    assert sent["SequenceNumber"]
    assert sqs.create_queue(QueueName="orders", Attributes={"DelaySeconds": "0"})["QueueUrl"] == made["queue"]
