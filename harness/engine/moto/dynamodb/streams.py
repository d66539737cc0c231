"""Table streams: their change records, and the DynamoDB Streams operations.

Patched in moto.dynamodb.models.table: `StreamShard.add`, which expects moto's items, records writes
that change nothing, and deletes the records that a function has received.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from moto.core.utils import unix_time
from moto.dynamodb.models.table import StreamShard, Table
from moto.moto_api._internal import mock_random

from harness.json_types import Json, JsonObject
from harness.stepfunctions.arns import Caller

from .capacity import present
from .description import stream_arn
from .errors import Refused, invalid
from .table_view import backend_of
from .values import Item, checked_item

if TYPE_CHECKING:
    from moto.awslambda.models import EventSourceMapping

_MOST_RECORDS: Final = 1000
_ITERATOR: Final = "|1|"
_SEQUENCE: Final = 21  # number of digits in a sequence number

Listener: TypeAlias = Callable[[StreamShard, str, "EventSourceMapping"], None]
"""A callback that receives the shard, the function ARN and the mapping."""
_listeners: Final[list[Listener]] = []


class Record:
    """One change, in the format that moto's Lambda reads."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def to_json(self) -> dict[str, Any]:
        """Return the record in the format that functions receive."""
        return self.content


def on_record(listener: Listener) -> None:
    """Register a listener. During a request, it is called with each shard that has a new record for a mapped
    function.
    """
    _listeners.append(listener)


def install(now: Callable[[], float]) -> None:
    """Patch moto in this process. `now` returns the time of changes, in seconds since 1970."""
    shard: Any = StreamShard
    shard.add = lambda self, old, new: _add(now, self, old, new)


def _add(now: Callable[[], float], shard: StreamShard, old: Item | None, new: Item | None) -> None:
    record: Any = Record(_content(now(), shard, old, new))
    shard.items.append(record)
    for arn, mapping in shard.table.lambda_event_source_mappings.items():
        for listener in _listeners:
            listener(shard, arn, mapping)


def _content(now: float, shard: StreamShard, old: Item | None, new: Item | None) -> dict[str, Any]:
    table = shard.table
    view_type = (table.stream_specification or {})["StreamViewType"]
    event = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    known = new if old is None else old
    assert known is not None
    keys = {name: known[name] for name in table.table_key_attrs}
    images: dict[str, Any] = {"Keys": keys}
    if new is not None and view_type in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        images["NewImage"] = new
    if old is not None and view_type in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        images["OldImage"] = old
    return {
        "eventID": mock_random.uuid4().hex,
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": table.region_name,
        "dynamodb": {
            "ApproximateCreationDateTime": int(now),
            **images,
            "SequenceNumber": str(shard.starting_sequence_number + len(shard.items)),
            "SizeBytes": sum(checked_item(image).size for image in images.values()),
            "StreamViewType": view_type,
        },
    }


def list_streams(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a ListStreams request."""
    tables = backend_of(caller).tables
    wanted = request.get("TableName")
    listed: list[JsonObject] = [
        {"StreamArn": stream_arn(table), "TableName": table.name, "StreamLabel": table.latest_stream_label}
        for table in tables.values()
        if table.latest_stream_label and wanted in (None, table.name)
    ]
    start = request.get("ExclusiveStartStreamArn")
    arns = [each["StreamArn"] for each in listed]
    listed = listed[arns.index(start) + 1 :] if start in arns else listed
    page = listed[: request.get("Limit", 100)]
    last = page[-1]["StreamArn"] if len(page) < len(listed) else None
    return present(Streams=page, LastEvaluatedStreamArn=last)


def describe_stream(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a DescribeStream request."""
    table, shard = _stream(caller, request["StreamArn"])
    enabled = bool((table.stream_specification or {}).get("StreamEnabled"))
    shards: list[Json] = [
        {
            "ShardId": shard.id,
            "SequenceNumberRange": {"StartingSequenceNumber": str(shard.starting_sequence_number)},
        }
    ]
    described = {
        "StreamArn": request["StreamArn"],
        "StreamLabel": table.latest_stream_label,
        "StreamStatus": "ENABLED" if enabled else "DISABLED",
        "StreamViewType": (table.stream_specification or {}).get("StreamViewType"),
        "CreationRequestDateTime": unix_time(shard.created_on),
        "TableName": table.name,
        "KeySchema": table.schema,
        "Shards": [] if request.get("ExclusiveStartShardId") == shard.id else shards,
    }
    return {"StreamDescription": present(**described)}


def get_shard_iterator(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a GetShardIterator request."""
    _, shard = _stream(caller, request["StreamArn"])
    if request["ShardId"] != shard.id:
        raise _not_found(f"Shard does not exist: {request['ShardId']} in {request['StreamArn']}")
    kind = request["ShardIteratorType"]
    start = shard.starting_sequence_number
    if kind == "TRIM_HORIZON":
        number = start
    elif kind == "LATEST":
        number = start + len(shard.items)
    else:
        given = request.get("SequenceNumber")
        if given is None or not given.isdigit():
            raise invalid(f"Missing required parameter SequenceNumber for {kind}")
        number = int(given) + (kind == "AFTER_SEQUENCE_NUMBER")
    return {"ShardIterator": _iterator(request["StreamArn"], number)}


def get_records(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a GetRecords request."""
    arn, _, rest = request["ShardIterator"].partition(_ITERATOR)
    if not rest.isdigit():
        raise invalid("Invalid ShardIterator")
    _, shard = _stream(caller, arn)
    number = int(rest)
    first = max(0, number - shard.starting_sequence_number)
    records = [each.to_json() for each in shard.items[first : first + request.get("Limit", _MOST_RECORDS)]]
    following = shard.starting_sequence_number + first + len(records)
    return present(Records=records, NextShardIterator=_iterator(arn, following))


def _iterator(arn: str, number: int) -> str:
    return f"{arn}{_ITERATOR}{number:0{_SEQUENCE}}"


def _stream(caller: Caller, arn: str) -> tuple[Table, StreamShard]:
    parts = arn.split(":", 5)
    name = parts[5].split("/")[1] if len(parts) > 5 and "/" in parts[5] else ""
    table = backend_of(caller).tables.get(name)
    if table is None or table.stream_shard is None or stream_arn(table) != arn:
        raise _not_found(f"Requested resource not found: Stream: {arn} not found")
    return table, table.stream_shard


_not_found = partial(Refused, "ResourceNotFoundException")
