"""Item expiry. Items are deleted 48 hours after their expiration time, on the world's clock.

AWS deletes them "within a few days" and returns them until then, so a workflow must handle expired items:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html. Virtual time does not jump to a
deletion time. Items are deleted when the clock passes their deletion time.

Patched in moto.dynamodb.models: `DynamoDBBackend.update_time_to_live`, which only stores the setting.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table

from harness.engine.moto.atomic import atomic
from harness.engine.moto.world import World
from harness.engine.moto.world_time import at
from harness.stepfunctions.events import Attempted

from .table_view import TableView, on_put
from .values import Item

LATE_S: Final = 48 * 3600.0
# "Items with an expiration time greater than 5 years in the past are not deleted":
_OLDEST_S: Final = 5 * 365 * 86400.0
_DELETED_BY: Final = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


class Expiry:
    """Deletes expired items in this process."""

    def __init__(self, world: World) -> None:
        self._world = world

    def look(self, table: Any, items: Sequence[Item]) -> None:
        """Schedule the deletion of the item that expires first."""
        now = self._world.scheduler.clock.now()
        ends = (_end(table, item) for item in items)
        moment = min((e + LATE_S for e in ends if e is not None and e >= now - _OLDEST_S), default=math.inf)
        if moment < getattr(table, "harness_expiry", math.inf):
            table.harness_expiry = moment
            with self._world.scheduler.frozen():
                delete = partial(self._world.events.send, partial(self._delete, table, moment), retry_s=())
                self._world.scheduler.in_passing(max(moment, now), delete)

    def _delete(self, table: Any, moment: float, request_id: str, _now_s: float | None) -> Attempted:
        work = self._world.admit(request_id, ())
        backend: Any = dynamodb_backends[table.account_id][table.region_name]
        with atomic(request_id), at(None if work is None else lambda: work.awake_at):
            if table.harness_expiry == moment and backend.tables.get(table.name) is table:
                table.harness_expiry = math.inf
                now, view = self._world.scheduler.clock.now(), TableView(table.name, table)
                _sweep(view, now)
                self.look(table, [kept.item for kept in view.items])
        return Attempted(None)


def install(world: World) -> None:
    """Patch moto in this process."""
    expiry = Expiry(world)
    on_put(lambda table, item: expiry.look(table, [item]))
    backend: Any = DynamoDBBackend
    update = backend.update_time_to_live

    @functools.wraps(update)
    def update_time_to_live(self: Any, name: str, spec: Any) -> None:
        update(self, name, spec)
        table = self.tables[name.rpartition("/")[2]]
        expiry.look(table, [kept.item for kept in table.items])

    backend.update_time_to_live = update_time_to_live


def _sweep(view: TableView, now: float) -> None:
    for kept in list(view.items):
        end = _end(view.table, kept.item)
        if end is not None and end + LATE_S <= now <= end + _OLDEST_S:
            view.delete(view.place(view.key_of(kept.item)))
            if view.table.stream_shard is not None:
                record: Any = view.table.stream_shard.items[-1]
                record.content["userIdentity"] = _DELETED_BY


def _end(table: Table, item: Item) -> float | None:
    """Return the expiration time of an item, or None if it has none."""
    settings: Any = table.ttl
    value: Any = item.get(settings.get("AttributeName"))
    if settings.get("TimeToLiveStatus") != "ENABLED" or not isinstance(value, dict) or "N" not in value:
        return None
    return float(value["N"])
