"""ConsumedCapacity and ItemCollectionMetrics, for requests that ask for them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.json_types import JsonObject

from .table_view import Index, TableView
from .values import Item, Kept

_READ: Final = 4096
_WRITE: Final = 1024


def read_units(size: int, *, consistent: bool) -> float:
    """Return the capacity units for reading this many bytes."""
    units = max(1, -(-size // _READ))
    return float(units) if consistent else units / 2


def write_units(size: int) -> float:
    """Return the capacity units for writing this many bytes."""
    return float(max(1, -(-size // _WRITE)))


def indexes_written(view: TableView, old: Kept | None, new: Kept | None) -> Mapping[Index, float]:
    """Return the capacity units for writing to each index that contains the item."""
    if old == new:
        return {}
    items = [kept.item for kept in (old, new) if kept is not None]
    return {index: 1.0 for index in view.indexes.values() if any(map(index.has, items))}


def consumed(
    request: Mapping[str, Any],
    view: TableView,
    units: float,
    indexes: Mapping[Index, float] | None = None,
    direction: str | None = None,
) -> JsonObject | None:
    """Return the ConsumedCapacity for a table, or None if the request does not ask for it.

    In transactions, `direction` is `Read` or `Write`, and the units are also returned under that name.
    """
    asked = request.get("ReturnConsumedCapacity", "NONE")
    if asked == "NONE":
        return None
    by_index = indexes or {}

    def capacity(amount: float) -> JsonObject:
        told: JsonObject = {"CapacityUnits": amount}
        return told if direction is None else {**told, f"{direction}CapacityUnits": amount}

    total = units + sum(by_index.values())
    found: JsonObject = {"TableName": view.given, **capacity(total)}
    if asked == "INDEXES":
        found["Table"] = capacity(units)
        for is_global, name in ((True, "GlobalSecondaryIndexes"), (False, "LocalSecondaryIndexes")):
            listed = {each.name: capacity(of) for each, of in by_index.items() if each.is_global == is_global}
            if listed:
                found[name] = dict(listed)
    return found


def collection_metrics(request: Mapping[str, Any], view: TableView, key: Item) -> JsonObject | None:
    """Return the ItemCollectionMetrics for a write. None if not requested, or if the table has no local
    indexes.
    """
    if request.get("ReturnItemCollectionMetrics") != "SIZE":
        return None
    if all(index.is_global for index in view.indexes.values()):
        return None
    name = view.key[0].name
    return {"ItemCollectionKey": {name: dict(key[name])}, "SizeEstimateRangeGB": [0.0, 1.0]}


def present(**members: Any) -> JsonObject:
    """Return a response without the members that are None."""
    return {name: value for name, value in members.items() if value is not None}
