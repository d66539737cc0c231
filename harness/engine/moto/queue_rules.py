"""SQS's request validation, with SQS's error messages. moto sees only valid requests.

Quotas: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from moto.sqs.exceptions import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidAttributeName,
    InvalidBatchEntryId,
    InvalidParameterValue,
    MissingParameter,
    SQSException,
    TooManyEntriesInBatchRequest,
)
from moto.sqs.responses import SQSResponse

from harness.engine.moto.checks import Rule, check
from harness.engine.moto.message_attributes import length_of, size_of
from harness.quotas import SQS_MESSAGE_BYTES

_MOST_ENTRIES: Final = 10
_ENTRY_ID: Final = re.compile(r"[\w-]{1,80}", re.ASCII)
_TOKEN: Final = re.compile(r"[!-~]{1,128}")
_NAME: Final = re.compile(r"[\w-]{1,80}", re.ASCII)
_LONGEST_NAME: Final = 80
_MOST_RECEIVES: Final = 1000
# A message has at least one valid character:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
_ALLOWED: Final = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_FOR_QUEUE: Final = "The request include parameter that is not valid for this queue type."
_DEDUPLICATION: Final = (
    "The queue should either have ContentBasedDeduplication enabled or "
    "MessageDeduplicationId provided explicitly"
)
_INVALID_CONTENTS: Final = (
    "Invalid characters found. Valid unicode characters are "
    "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
)
_FIFO_ONLY: Final = ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
_NAMES: Final = (
    "DelaySeconds",
    "FifoQueue",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
    *_FIFO_ONLY,
)
_RANGES: Final = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, SQS_MESSAGE_BYTES),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}


def install() -> None:
    """Install the checks."""
    check(SQSResponse, _RULES)


def _queue(self: Any) -> Any:
    return self.sqs_backend.get_queue(self._get_queue_name())


def _check_message(self: Any) -> None:
    queue = _queue(self)
    check_entry(queue, self.params)
    check_size(queue, self.params)


def check_entry(queue: Any, entry: Mapping[str, Any]) -> None:
    """Check a message for its queue: body, IDs and delay. Raises SQSException."""
    body = entry.get("MessageBody")
    if not body:
        raise MissingParameter("MessageBody")
    if not _ALLOWED.search(body):
        raise SQSException("InvalidMessageContents", _INVALID_CONTENTS)
    for name in ("MessageGroupId", "MessageDeduplicationId"):
        given = entry.get(name)
        if given is not None and not _TOKEN.fullmatch(given):
            reason = f"{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            raise _invalid(name, given, reason)
    _check_kind(queue, entry)
    delay = int(entry.get("DelaySeconds") or 0)
    if queue.fifo_queue and delay:
        raise _invalid("DelaySeconds", delay, _NOT_FOR_QUEUE)
    if not 0 <= delay <= 900:
        raise _invalid("DelaySeconds", delay, "DelaySeconds must be >= 0 and <= 900.")


def _check_kind(queue: Any, entry: Mapping[str, Any]) -> None:
    deduplication = entry.get("MessageDeduplicationId")
    if not queue.fifo_queue:
        if deduplication is not None:
            reason = _NOT_FOR_QUEUE.replace("include", "includes a")
            raise _invalid("MessageDeduplicationId", deduplication, reason)
    elif entry.get("MessageGroupId") is None:
        raise MissingParameter("MessageGroupId")
    elif deduplication is None and queue.attributes.get("ContentBasedDeduplication") != "true":
        raise InvalidParameterValue(_DEDUPLICATION)


def check_size(queue: Any, entry: Mapping[str, Any]) -> None:
    """Check that a message does not exceed the maximum size of its queue. Raises InvalidParameterValue."""
    if _bytes(entry) > queue.maximum_message_size:
        said = f"Message must be shorter than {queue.maximum_message_size} bytes."
        raise InvalidParameterValue(f"One or more parameters are invalid. Reason: {said}")


def _bytes(entry: Mapping[str, Any]) -> int:
    """Return the size of a message: its body and attributes."""
    return length_of(entry["MessageBody"]) + size_of(entry.get("MessageAttributes"))


def _check_batch(self: Any) -> None:
    """Check the entry IDs in any batch."""
    entries = self.params.get("Entries") or []
    if not entries:
        raise EmptyBatchRequest
    if len(entries) > _MOST_ENTRIES:
        raise TooManyEntriesInBatchRequest(len(entries))
    ids = [entry["Id"] for entry in entries]
    if not all(_ENTRY_ID.fullmatch(each) for each in ids):
        raise InvalidBatchEntryId
    for number, each in enumerate(ids):
        if each in ids[:number]:
            raise BatchEntryIdsNotDistinct(each)


def _check_sent_batch(self: Any) -> None:
    """Check the total size of a batch of messages. An invalid message fails individually."""
    queue, entries = _queue(self), self.params["Entries"]
    size = sum(_bytes(entry) for entry in entries)
    if size > SQS_MESSAGE_BYTES:
        raise BatchRequestTooLong(size)
    for entry in entries:
        try:
            _check_kind(queue, entry)
        except MissingParameter as error:
            raise InvalidParameterValue(error.message) from None


def _check_receive(self: Any) -> None:
    for name, least, most, reason in (
        ("MaxNumberOfMessages", 1, 10, "Must be between 1 and 10, if provided."),
        ("WaitTimeSeconds", 0, 20, "Must be >= 0 and <= 20, if provided."),
        ("VisibilityTimeout", 0, 43_200, "Must be >= 0 and <= 43200, if provided."),
    ):
        given = self.params.get(name)
        if given is not None and not least <= int(given) <= most:
            raise _invalid(name, given, reason)


def _check_new_name(self: Any) -> None:
    name = self.params["QueueName"]
    fifo = str((self.params.get("Attributes") or {}).get("FifoQueue", "false")).lower() == "true"
    if fifo and (not name.endswith(".fifo") or not _NAME.fullmatch(name.removesuffix(".fifo"))):
        raise InvalidParameterValue(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
            "must end with .fifo suffix and be 1 to 80 in length"
        )
    if len(name) > _LONGEST_NAME or (not fifo and not _NAME.fullmatch(name)):
        said = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        raise InvalidParameterValue(said)


def _check_new_attributes(self: Any) -> None:
    attributes: Mapping[str, str] = self.params.get("Attributes") or {}
    if str(attributes.get("FifoQueue", "false")).lower() != "true":
        _check_fifo_only(attributes)
    _check_attributes(attributes)
    queue = self.sqs_backend.queues.get(self.params["QueueName"])
    if queue is None:
        return
    for name, value in attributes.items():
        if _lower(queue.attributes.get(name)) != _lower(value):
            said = "A queue already exists with the same name and a different value for attribute"
            raise SQSException("QueueAlreadyExists", f"{said} {name}")


def _check_fifo_only(attributes: Mapping[str, str]) -> None:
    for name in attributes:
        if name == "ContentBasedDeduplication":
            raise InvalidAttributeName(name)
        if name in _FIFO_ONLY:
            said = f"You can specify the {name} only when FifoQueue is set to true."
            raise SQSException("InvalidAttributeName", said)


def _check_changed_attributes(self: Any) -> None:
    queue, attributes = _queue(self), self.params.get("Attributes") or {}
    if "FifoQueue" in attributes:
        if not queue.fifo_queue:
            raise InvalidAttributeName("FifoQueue")
        if _lower(attributes["FifoQueue"]) != "true":
            reason = "Modifying queue type is not supported."
            raise SQSException(
                "InvalidAttributeValue", f"Invalid value for the parameter FifoQueue. Reason: {reason}"
            )
    if not queue.fifo_queue:
        _check_fifo_only(attributes)
    _check_attributes(attributes)


def _check_attributes(attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        if name not in _NAMES:
            raise InvalidAttributeName(name)
        if name in _RANGES and not _within(str(value), *_RANGES[name]):
            raise SQSException("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
        if name == "RedrivePolicy" and value:
            _check_redrive(str(value))


def _check_redrive(text: str) -> None:
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise _invalid("RedrivePolicy", text, "Redrive policy is not a valid JSON map.")
    if not policy:
        return  # an empty value removes the policy
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if name not in policy:
            reason = f"Redrive policy does not contain mandatory attribute: {name}."
            raise _invalid("RedrivePolicy", text, reason)
    count = policy["maxReceiveCount"]
    if not _within(str(count), 1, _MOST_RECEIVES):
        reason = (
            f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        )
        raise _invalid("RedrivePolicy", text, reason)


def _within(text: str, least: int, most: int) -> bool:
    return text.isdecimal() and least <= int(text) <= most


def _lower(value: object) -> str:
    return str(value).lower()


def _invalid(name: str, value: object, reason: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"Value {value} for parameter {name} is invalid. Reason: {reason}")


_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "SendMessage": (_check_message,),
    "SendMessageBatch": (_check_batch, _check_sent_batch),
    "DeleteMessageBatch": (_check_batch,),
    "ChangeMessageVisibilityBatch": (_check_batch,),
    "ReceiveMessage": (_check_receive,),
    "CreateQueue": (_check_new_name, _check_new_attributes),
    "SetQueueAttributes": (_check_changed_attributes,),
}
