"""Compare AWS API calls from functions and state machines with the limits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self
from unicodedata import category

from harness.functions.shared.model import Call
from harness.limits.items import Sized, item_measures, key_measures
from harness.limits.table import Measure, measure, utf8
from harness.observe.model import Keys, Message, Observation
from harness.quotas import STATES_NAME_FORBIDDEN

_BREAKS = frozenset({"Cc", "Zl", "Zp"})  # control characters, line and paragraph separators


@dataclass(frozen=True)
class Known:
    """The resource properties that limits depend on.

    `keys`: table name -> its key attributes. `message_sizes`: topic ARN -> its own MaximumMessageSize in
    bytes, if set. `topic_sizes`: the same by logical ID.
    """

    keys: Keys = field(default_factory=dict)
    message_sizes: Mapping[str, int] = field(default_factory=dict)
    topic_sizes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, observation: Observation) -> Self:
        """Return the known properties from an observation."""
        sizes, named = observation.access.message_sizes, observation.access.named
        return cls(observation.table_keys, sizes, {named.get(arn, ""): size for arn, size in sizes.items()})

    def key(self, table: object) -> tuple[str, ...]:
        """Return a table's key attributes. Return an empty value for an unknown table."""
        return self.keys.get(str(table or "").rpartition("/")[2], ())


Checker = Callable[[Sized, str, Known], Iterator[Measure]]


def call_measures(call: Call, subject: str, known: Known) -> Iterator[Measure]:
    """Yield the measures for one call, if the engine accepted it. A rejected call does not use anything."""
    if call.error is not None or not isinstance(call.params, Mapping):
        return
    name = f"{call.service}:{call.operation}"
    params = Sized(call.params, "", call.sizes)
    if name in _CHECKERS:
        yield from _CHECKERS[name](params, subject, known)
    if call.service == "stepfunctions":
        yield measure("states-request", subject, call.request_bytes)
    elif name == "dynamodb:BatchWriteItem":
        yield measure("dynamodb-batch-write-size", subject, call.request_bytes)


def message_measures(message: Message, known: Known) -> Iterator[Measure]:
    """Yield the measures for a delivered SNS message and its subject."""
    subject = f"a message of topic {message.topic}"
    yield measure("sns-message", subject, utf8(message.body), known.topic_sizes.get(message.topic))
    if message.subject:
        yield from _subject_line(Sized(message.subject), subject)


def name_measures(name: object, subject: str) -> Iterator[Measure]:
    """Yield the length of a state machine or execution name, and its forbidden characters. Skip ""."""
    if name and isinstance(name, str):
        yield measure("states-name", subject, len(name))
        yield measure("states-name-text", subject, len(re.findall(STATES_NAME_FORBIDDEN, name)))


def _publish(params: Sized, subject: str, known: Known) -> Iterator[Measure]:
    topic = params.value.get("TopicArn") or params.value.get("TargetArn")
    if "Message" in params.value and "PhoneNumber" not in params.value:
        yield measure("sns-message", subject, _message(params), known.message_sizes.get(str(topic)))
    if isinstance(params.value.get("Subject"), str):
        yield from _subject_line(params.at("Subject"), subject)


def _publish_batch(params: Sized, subject: str, known: Known) -> Iterator[Measure]:
    most = known.message_sizes.get(str(params.value.get("TopicArn")))
    entries = [entry for entry in params.at("PublishBatchRequestEntries") if isinstance(entry.value, Mapping)]
    for entry in entries:
        yield measure("sns-message", subject, _message(entry), most)
        if isinstance(entry.value.get("Subject"), str):
            yield from _subject_line(entry.at("Subject"), subject)
    if len(entries) > 1:
        yield measure("sns-batch", subject, sum(map(_message, entries)), most)


def _message(params: Sized) -> int:
    """Return a message's size in bytes, including the names, types and values of its attributes."""
    attributes = params.at("MessageAttributes").items
    return params.at("Message").length + sum(
        utf8(name) + sum(of.at(part).length for part in ("DataType", "StringValue", "BinaryValue"))
        for name, of in attributes
    )


def _subject_line(line: Sized, subject: str) -> Iterator[Measure]:
    text = str(line.value)
    yield measure("sns-subject", subject, line.length if line.is_cut else len(text))
    yield measure("sns-subject-text", subject, sum(category(c) in _BREAKS for c in text))
    yield measure("sns-subject-ascii", subject, sum(not c.isascii() for c in text))
    yield measure("sns-subject-start", subject, len(text) - len(text.lstrip(" ")))
    yield measure("sns-subject-empty", subject, int(not text))


def _send_message(params: Sized, subject: str, _known: Known) -> Iterator[Measure]:
    if "MessageBody" in params.value:
        yield measure("sqs-message", subject, params.at("MessageBody").length)


def _put_item(params: Sized, subject: str, known: Known) -> Iterator[Measure]:
    if isinstance(params.value, Mapping) and "Item" in params.value:
        yield from item_measures(params.at("Item"), subject)
        yield from key_measures(params.at("Item"), known.key(params.value.get("TableName")), subject)


def _batch_write(params: Sized, subject: str, known: Known) -> Iterator[Measure]:
    requests = params.at("RequestItems")
    yield measure("dynamodb-batch-write", subject, sum(of.length for _, of in requests.items))
    for name, writes in requests.items:
        key = known.key(name)
        parts = [of.at(part) for write in writes for _, of in write.items for part in ("Item", "Key")]
        items = [part for part in parts if isinstance(part.value, Mapping)]
        for item in items:
            yield from item_measures(item, subject)
            yield from key_measures(item, key, subject)
        found = [_key_of(item, key) for item in items if key and not item.has_cuts]
        yield measure("dynamodb-batch-write-keys", subject, len(found) - len(set(found)))


def _batch_get(params: Sized, subject: str, _known: Known) -> Iterator[Measure]:
    keys = sum(of.at("Keys").length for _, of in params.at("RequestItems").items)
    yield measure("dynamodb-batch-get", subject, keys)


def _transaction(params: Sized, subject: str, known: Known) -> Iterator[Measure]:
    yield measure("dynamodb-transaction", subject, params.at("TransactItems").length)
    for item in params.at("TransactItems"):
        for _, of in item.items:
            yield from _put_item(of, subject, known)


def _invoke(params: Sized, subject: str, _known: Known) -> Iterator[Measure]:
    if isinstance(params.value.get("Payload"), str):
        yield measure("lambda-request", subject, params.at("Payload").length)


def _machine(params: Sized, subject: str, _known: Known) -> Iterator[Measure]:
    if "definition" in params.value:
        yield measure("states-definition", subject, params.at("definition").length)
    yield from name_measures(params.value.get("name", ""), subject)


def _start(params: Sized, subject: str, _known: Known) -> Iterator[Measure]:
    if "input" in params.value:
        yield measure("states-payload", subject, params.at("input").length)
    yield from name_measures(params.value.get("name", ""), subject)


def _key_of(item: Sized, key: tuple[str, ...]) -> str:
    return json.dumps([item.value.get(name) for name in key], sort_keys=True, default=str)


_CHECKERS: dict[str, Checker] = {
    "dynamodb:BatchGetItem": _batch_get,
    "dynamodb:BatchWriteItem": _batch_write,
    "dynamodb:PutItem": _put_item,
    "dynamodb:TransactGetItems": _transaction,
    "dynamodb:TransactWriteItems": _transaction,
    "lambda:Invoke": _invoke,
    "sns:Publish": _publish,
    "sns:PublishBatch": _publish_batch,
    "sqs:SendMessage": _send_message,
    "stepfunctions:CreateStateMachine": _machine,
    "stepfunctions:StartExecution": _start,
    "stepfunctions:UpdateStateMachine": _machine,
}
