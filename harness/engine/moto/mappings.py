"""Queues from which Lambda reads messages: batch events, filters and failed messages.

Lambda reads a queue on the world's clock when a message becomes available: when the message is
sent, when its delay ends, and when its visibility timeout ends after a failed batch. The clock
advances to such a time only if the queue has a dead-letter queue. Without one, messages would keep
failing for days.

Patched in moto.awslambda.models:
- `LambdaBackend.create_event_source_mapping` and `update_event_source_mapping`, which do not read the queue.
- `EventSourceMapping.get_configuration`, which omits the defaults for a queue.
"""

from __future__ import annotations

import base64
import functools
import json
import math
from contextlib import suppress
from functools import partial
from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend
from moto.events.models import EventPattern
from moto.sqs.models import Message, Queue, sqs_backends

from harness.engine.moto.atomic import atomic, current_call
from harness.engine.moto.functions import MotoFunctions
from harness.engine.moto.queue_time import next_moment, on_change
from harness.engine.moto.world import World
from harness.engine.moto.world_time import at
from harness.json_types import Json, JsonObject
from harness.stepfunctions.events import Attempted
from harness.stepfunctions.functions import FunctionAnswer, FunctionCall, FunctionNotFound, FunctionThrottled


def install(functions: MotoFunctions, world: World) -> None:
    """Patch moto in this process."""
    readers = Readers(functions, world)
    on_change(lambda queue: readers.look(queue, current_call()[0]))
    patched: Any = LambdaBackend
    for name in ("create_event_source_mapping", "update_event_source_mapping"):
        setattr(patched, name, _looking(readers, getattr(patched, name)))
    mapping: Any = EventSourceMapping
    mapping.get_configuration = _with_defaults(mapping.get_configuration)


def _looking(readers: Readers, change: Any) -> Any:
    """Wrap a mapping operation so that Lambda reads the messages in the queue."""

    @functools.wraps(change)
    def changed(self: Any, *args: Any, **kwargs: Any) -> Any:
        mapping = change(self, *args, **kwargs)
        if mapping is not None and ":sqs:" in str(mapping.event_source_arn):
            name = mapping.event_source_arn.rpartition(":")[2]
            readers.look(sqs_backends[self.account_id][self.region_name].get_queue(name), "")
        return mapping

    return changed


class Readers:
    """Reads queues for the functions mapped to them."""

    def __init__(self, functions: MotoFunctions, world: World) -> None:
        self._functions = functions
        self._world = world
        self._in_flight: set[str] = set()

    def look(self, queue: Any, sender: str) -> None:
        """Read a queue now, and again when its next message becomes visible. Called during a request.

        Args:
            sender: the ID of the invocation that sent a message to the queue, or "" for other senders.
        """
        for arn, mapping in list(queue.lambda_event_source_mappings.items()):
            if not mapping.enabled:
                continue
            if queue.messages:
                self._read_at(queue, arn, None, sender)
            if (moment := next_moment(queue, self._in_flight)) < math.inf:
                self._read_at(queue, arn, moment, sender)

    def _read_at(self, queue: Any, arn: str, moment: float | None, sender: str) -> None:
        """Read a queue once, at a time on the clock. None means now."""
        planned: set[tuple[str, float | None]] = queue.__dict__.setdefault("harness_reads", set())
        if (arn, moment) in planned:
            return
        planned.add((arn, moment))
        read = partial(self._read, queue, arn, moment, sender)
        send = partial(self._world.events.send, read, retry_s=(), sender=sender)
        if moment is None or queue.dead_letter_queue is not None or _is_first(queue, moment):
            send(moment=moment)
        else:
            with self._world.scheduler.frozen():
                self._world.scheduler.in_passing(moment, send)

    def _read(
        self,
        queue: Any,
        arn: str,
        moment: float | None,
        sender: str,
        request_id: str,
        now_s: float | None,
    ) -> Attempted:
        """Receive a batch, invoke the function with it, and delete the successful messages."""
        work = self._world.admit(request_id, ())
        time_of = None if work is None else lambda: work.awake_at
        backend: Any = sqs_backends[queue.account_id][queue.region]
        with atomic(request_id), at(time_of):
            queue.harness_reads.discard((arn, moment))
            mapping = queue.lambda_event_source_mappings.get(arn)
            if mapping is None or not mapping.enabled or backend.queues.get(queue.name) is not queue:
                return Attempted(None)
            messages = backend.receive_message(queue.name, mapping.batch_size, 0, queue.visibility_timeout)
            attributes = {message.id: message.message_attributes for message in queue._messages}
            records = [_record(message, attributes.get(message.id, {}), queue) for message in messages]
            wanted = [record for record in records if _is_wanted(mapping, record)]
            self._in_flight.update(message.id for message in messages)
            self.look(queue, sender)
        answer = self._handled(arn, wanted, request_id, now_s) if wanted else None
        self._world.admit(request_id, ())
        with atomic(request_id), at(time_of):
            self._in_flight.difference_update(message.id for message in messages)
            failed = _failures(mapping, answer, {str(record["messageId"]) for record in wanted})
            for message in messages:
                if message.id not in failed:
                    queue.delete_message(str(message.receipt_handle))
            self.look(queue, sender)
        return Attempted(None if answer is None else answer.duration_s)

    def _handled(
        self, arn: str, wanted: list[JsonObject], request_id: str, now_s: float | None
    ) -> FunctionAnswer | None:
        event = json.dumps({"Records": wanted})
        try:
            return self._functions.invoke(FunctionCall(arn, request_id, event, now_s=now_s))
        except (FunctionNotFound, FunctionThrottled):
            return FunctionAnswer("", failed=True)


def _is_first(queue: Any, moment: float) -> bool:
    """Return whether a message that has never been received becomes visible at this time."""
    return any(
        not each.approximate_receive_count and each.delayed_until / 1000 == moment for each in queue._messages
    )


def _with_defaults(get: Any) -> Any:
    """Wrap the mapping response to add Lambda's defaults for a queue.

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


def _record(message: Message, own: dict[str, Any], queue: Queue) -> JsonObject:
    """Return a message in the format of Lambda events:
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html.

    `own` contains the attributes from the sender, which the received message lacks.
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
    """Return whether a record matches one of the mapping's filters.

    Without filters, every record matches.
    """
    filters = (mapping.filter_criteria or {}).get("Filters")
    body: Json = record["body"]
    with suppress(ValueError):  # strings are compared unchanged
        body = json.loads(str(body))
    seen: Any = {**record, "body": body}
    return not filters or any(EventPattern.load(each["Pattern"]).matches_event(seen) for each in filters)


def _failures(mapping: EventSourceMapping, answer: FunctionAnswer | None, ids: set[str]) -> set[str]:
    """Return the IDs of the failed messages: all if the function failed, otherwise those that it returned.

    The whole batch also fails if the function returns an unknown message ID or an invalid response:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    """
    if answer is None:
        return set()
    if answer.failed:
        return ids
    if "ReportBatchItemFailures" not in (mapping.function_response_types or ()):
        return set()
    said = json.loads(answer.result or "null")
    listed = said.get("batchItemFailures") if isinstance(said, dict) else None
    failed = {str(each.get("itemIdentifier")) for each in listed or ()}
    return failed if failed <= ids else ids
