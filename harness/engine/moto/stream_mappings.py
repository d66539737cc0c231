"""Table streams, which Lambda reads one batch of records at a time on the world's clock.

A batch contains the records since the start of the previous batch, up to the mapping's BatchSize.
Failed batches are not retried.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from moto.awslambda.models import EventSourceMapping
from moto.dynamodb.models.table import StreamShard

from harness.engine.moto.atomic import atomic, current_call
from harness.engine.moto.dynamodb.streams import on_record
from harness.engine.moto.functions import MotoFunctions
from harness.engine.moto.world import World
from harness.json_types import Json, JsonObject
from harness.stepfunctions.events import Attempted
from harness.stepfunctions.functions import FunctionCall, FunctionNotFound, FunctionThrottled

# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
_BATCH: Final = 100


def install(functions: MotoFunctions, world: World) -> None:
    """Read the streams in this process."""
    on_record(Readers(functions, world).look)


@dataclass
class _Place:
    """A mapping's position in a shard. `reading` is True while a batch is being processed."""

    read: int
    reading: bool = field(default=False)


class Readers:
    """Reads streams for the functions mapped to them."""

    def __init__(self, functions: MotoFunctions, world: World) -> None:
        self._functions = functions
        self._world = world

    def look(self, shard: StreamShard, arn: str, mapping: EventSourceMapping) -> None:
        """Read a shard from its newest record on. Called during a request."""
        places: dict[str, _Place] = shard.__dict__.setdefault("harness_places", {})
        place = places.setdefault(arn, _Place(len(shard.items) - 1))
        if mapping.enabled and not place.reading:
            self._send(shard, arn, mapping, place, current_call()[0])

    def _send(
        self, shard: StreamShard, arn: str, mapping: EventSourceMapping, place: _Place, sender: str
    ) -> None:
        place.reading = True
        read = partial(self._read, shard, arn, mapping, place, sender)
        self._world.events.send(read, retry_s=(), sender=sender)

    def _read(
        self,
        shard: StreamShard,
        arn: str,
        mapping: EventSourceMapping,
        place: _Place,
        sender: str,
        request_id: str,
        now_s: float | None,
    ) -> Attempted:
        """Invoke the function with a batch, then start the next one."""
        self._world.admit(request_id, ())
        with atomic(request_id):
            batch = shard.items[place.read : place.read + int(mapping.batch_size or _BATCH)]
            place.read += len(batch)
        records: list[Json] = [_record(each, mapping.event_source_arn) for each in batch]
        call = FunctionCall(arn, request_id, json.dumps({"Records": records}), now_s=now_s)
        duration_s = None
        with suppress(FunctionNotFound, FunctionThrottled):
            duration_s = self._functions.invoke(call).duration_s
        self._world.admit(request_id, ())
        with atomic(request_id):
            place.reading = False
            if place.read < len(shard.items):
                self._send(shard, arn, mapping, place, sender)
        return Attempted(duration_s)


def _record(record: Any, stream_arn: str) -> JsonObject:
    """Return a record in the format of Lambda events:
    https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html.
    """
    content: JsonObject = {**record.to_json(), "eventSourceARN": stream_arn}
    identity = content.get("userIdentity")
    if isinstance(identity, dict):  # for an expired item; GetRecords uses different member names
        content["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
    return content
