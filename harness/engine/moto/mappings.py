"""Queues that Lambda reads: the event of a batch, its filter, and the messages that failed in it.

Patched in moto.awslambda.models:
- `LambdaBackend.send_sqs_batch`, which makes an event with made-up attributes of each message, and reads
  neither FilterCriteria nor the function's `batchItemFailures`.
- `EventSourceMapping.get_configuration`, which leaves out the defaults of a queue.
"""

from __future__ import annotations

import base64
import functools
import json
from contextlib import suppress
from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend
from moto.events.models import EventPattern
from moto.sqs.models import Message, Queue, sqs_backends

from harness.engine.moto.functions import TooManyRequests
from harness.json_types import Json, JsonObject


def install() -> None:
    """Patch moto in this process."""
    patched: Any = LambdaBackend
    patched.send_sqs_batch = _send
    mapping: Any = EventSourceMapping
    mapping.get_configuration = _with_defaults(mapping.get_configuration)


def _with_defaults(get: Any) -> Any:
    """Wrap the answer about a mapping: that of a queue has Lambda's defaults.

    https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
    """

    @functools.wraps(get)
    def get_configuration(self: Any) -> dict[str, Any]:
        told: dict[str, Any] = get(self)
        if ":sqs:" in str(self.event_source_arn):
            told["FunctionResponseTypes"] = told.get("FunctionResponseTypes") or []
            told["MaximumBatchingWindowInSeconds"] = told.get("MaximumBatchingWindowInSeconds") or 0
            told["StateTransitionReason"] = "USER_INITIATED"
        return told

    return get_configuration


def _send(self: LambdaBackend, function_arn: str, messages: list[Message], queue_arn: str) -> bool:
    """Invoke a function with a batch; True when all its messages are to be deleted.

    Otherwise those that went well are deleted here, and the list keeps the others, which stay in the queue.
    """
    queue = sqs_backends[self.account_id][self.region_name].get_queue(queue_arn.rsplit(":", maxsplit=1)[-1])
    mapping = queue.lambda_event_source_mappings[function_arn]
    attributes = {message.id: message.message_attributes for message in queue._messages}
    records = [_record(message, attributes.get(message.id, {}), queue) for message in messages]
    wanted = [record for record in records if _is_wanted(mapping, record)]
    if not wanted:
        return True
    headers: dict[str, Any] = {}
    try:
        answer = self.invoke(function_arn, None, json.dumps({"Records": wanted}), {}, headers)
    except TooManyRequests:  # the batch comes again after its visibility time-out
        return False
    ids = {str(record["messageId"]) for record in wanted}
    failed = ids if "x-amz-function-error" in headers else _failures(mapping, answer, ids)
    if failed:
        for message in [each for each in messages if each.id not in failed]:
            queue.delete_message(str(message.receipt_handle))
            messages.remove(message)
    return not failed


def _record(message: Message, own: dict[str, Any], queue: Queue) -> JsonObject:
    """A message as functions get it: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html.

    `own` are the attributes that its sender gave it; the message that is received here lacks them.
    """
    attributes: JsonObject = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if queue.fifo_queue:
        attributes |= {
            "SequenceNumber": message.sequence_number,
            "MessageGroupId": message.group_id,
            "MessageDeduplicationId": message.deduplication_id,
        }
    return {
        "messageId": str(message.id),
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {name: _attribute(each) for name, each in own.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def _attribute(given: dict[str, Any]) -> JsonObject:
    found: JsonObject = {"stringListValues": [], "binaryListValues": [], "dataType": given["DataType"]}
    binary = given.get("BinaryValue")
    if binary is not None:
        text = binary if isinstance(binary, str) else base64.b64encode(binary).decode()
        return {"binaryValue": text, **found}
    return {"stringValue": str(given.get("StringValue")), **found}


def _is_wanted(mapping: EventSourceMapping, record: JsonObject) -> bool:
    """Tell whether one of the mapping's filters takes a record; without filters each is taken."""
    filters = (mapping.filter_criteria or {}).get("Filters")
    body: Json = record["body"]
    with suppress(ValueError):  # a text is compared as it is
        body = json.loads(str(body))
    seen: Any = {**record, "body": body}
    return not filters or any(EventPattern.load(each["Pattern"]).matches_event(seen) for each in filters)


def _failures(mapping: EventSourceMapping, answer: str | bytes | None, ids: set[str]) -> set[str]:
    """The ids that the function says have failed; all of a batch whose answer names another one.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    """
    if "ReportBatchItemFailures" not in (mapping.function_response_types or ()):
        return set()
    said = json.loads(answer or "null")
    listed = said.get("batchItemFailures") if isinstance(said, dict) else None
    failed = {str(each.get("itemIdentifier")) for each in listed or ()}
    return failed if failed <= ids else ids
