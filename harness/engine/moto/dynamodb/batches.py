"""BatchGetItem and BatchWriteItem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.constraints import at_most, detected, secret_violation
from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller

from .capacity import consumed, read_units, told, write_units
from .errors import invalid
from .items import SCHEMA, Place, check_key, check_put
from .projection import projected
from .reads import paths_of
from .table_view import TableView, view_of
from .values import LARGEST_ITEM, Item, checked_item, size_of

_DUPLICATES: Final = "Provided list of item keys contains duplicates"
_MOST_READ: Final = 16 * 1024 * 1024
MOST_READS: Final = 100
MOST_WRITES: Final = 25


def write(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Answer a BatchWriteItem: all of it is looked at before the first item is written."""
    wanted = request["RequestItems"]
    if sum(map(len, wanted.values())) > MOST_WRITES:
        raise invalid("Too many items requested for the BatchWriteItem call")
    looked_at = [(name, [_request(each) for each in writes]) for name, writes in wanted.items()]
    batch: list[tuple[TableView, dict[Place, tuple[Item | None, int]]]] = []
    for name, writes in looked_at:
        view = view_of(caller, name)
        changes: dict[Place, tuple[Item | None, int]] = {}
        for key, item, size in writes:
            place = _place(view, key, item, size)
            if place in changes:
                raise invalid(_DUPLICATES)
            changes[place] = item, size
        batch.append((view, changes))
    for view, changes in batch:
        for place, (item, size) in changes.items():
            if item is None:
                view.delete(place)
            else:
                view.put(place, item, size)
    units = [
        consumed(request, view, sum(write_units(size) for _, size in changes.values()))
        for view, changes in batch
    ]
    return told(UnprocessedItems={}, ConsumedCapacity=None if None in units else units)


def _request(given: Mapping[str, Any]) -> tuple[Item | None, Item | None, int]:
    """Give the key of a deletion, or the item of a put with its size."""
    if (put := given.get("PutRequest")) is not None:
        if given.get("DeleteRequest") is not None:
            raise invalid(
                "Supplied AttributeValue has more than one datatypes set, "
                "must contain exactly one of the supported datatypes"
            )
        return None, *checked_item(put["Item"])
    if (deletion := given.get("DeleteRequest")) is not None:
        return checked_item(deletion["Key"])[0], None, 0
    raise invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")


def _place(view: TableView, key: Item | None, item: Item | None, size: int) -> Place:
    if item is None:
        assert key is not None
        check_key(view.key, key)
        return view.place(key)
    for part in view.key:
        if part.name not in item or part.kind not in item[part.name]:
            raise invalid(SCHEMA)
    check_put(view.key, item)
    if view.indexes:
        view.check_indexed(item)
    if size > LARGEST_ITEM:
        raise invalid("Item size has exceeded the maximum allowed size")
    return view.place(item)


def get(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Answer a BatchGetItem: what exceeds 16 MB is left over."""
    wanted = request["RequestItems"]
    if sum(len(each["Keys"]) for each in wanted.values()) > MOST_READS:
        raise invalid("Too many items requested for the BatchGetItem call")
    looked_at = []
    for name, given in wanted.items():
        paths = paths_of(given)
        looked_at.append((name, given, paths, [checked_item(key)[0] for key in given["Keys"]]))
    reads = []
    for name, given, paths, keys in looked_at:
        view = view_of(caller, name)
        for key in keys:
            check_key(view.key, key)
        places = [view.place(key) for key in keys]
        if len(set(places)) < len(places):
            raise invalid(_DUPLICATES)
        reads.append((view, given, paths, keys, places))
    answers: dict[str, list[Item]] = {}
    left: JsonObject = {}
    units = []
    total = 0
    for view, given, paths, keys, places in reads:
        found = answers.setdefault(view.given, [])
        spent = 0.0
        for number, place in enumerate(places):
            item = view.items.get(place)
            size = 0 if item is None else size_of(item)
            if total + size > _MOST_READ:
                left[view.given] = told(**{**given, "Keys": keys[number:]})
                break
            total += size
            spent += read_units(size, consistent=bool(given.get("ConsistentRead")))
            if item is not None:
                found.append(item if paths is None else projected(item, paths))
        units.append(consumed(request, view, spent))
    return told(Responses=answers, UnprocessedKeys=left, ConsumedCapacity=None if None in units else units)


def refuse_sizes(operation: str, request: Mapping[str, Any]) -> None:
    """Refuse RequestItems that are empty or of which one table has too many, by AWS's own texts."""
    wanted = request.get("RequestItems")
    if not isinstance(wanted, dict):
        return
    if not wanted:
        raise invalid(f"The requestItems parameter is required for {operation}")
    if operation == "BatchGetItem":
        for name, given in wanted.items():
            keys = given.get("Keys") if isinstance(given, dict) else None
            if isinstance(keys, list) and len(keys) > MOST_READS:
                place = f"RequestItems.{name}.member.Keys"
                raise invalid(detected([secret_violation(place, at_most("length", MOST_READS))]))
