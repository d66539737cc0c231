"""BatchGetItem and BatchWriteItem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.constraints import at_most, detected, secret_violation
from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller

from .capacity import consumed, present, read_units, write_units
from .errors import invalid
from .items import SCHEMA, Place, check_key
from .projection import part_of
from .reads import paths_of
from .table_view import TableView, view_of
from .values import Item, Kept, checked_item, size_of

_DUPLICATES: Final = "Provided list of item keys contains duplicates"
_MOST_READ: Final = 16 * 1024 * 1024
MOST_READS: Final = 100
MOST_WRITES: Final = 25


def write(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a BatchWriteItem request. The whole batch is validated before any item is written."""
    wanted = request["RequestItems"]
    if sum(map(len, wanted.values())) > MOST_WRITES:
        raise invalid("Too many items requested for the BatchWriteItem call")
    looked_at = [(name, [_request(each) for each in writes]) for name, writes in wanted.items()]
    batch: list[tuple[TableView, dict[Place, Kept | None]]] = []
    for name, writes in looked_at:
        view = view_of(caller, name)
        changes: dict[Place, Kept | None] = {}
        for key, kept in writes:
            place = _place(view, key, kept)
            if place in changes:
                raise invalid(_DUPLICATES)
            changes[place] = kept
        batch.append((view, changes))
    for view, changes in batch:
        for place, kept in changes.items():
            if kept is None:
                view.delete(place)
            else:
                view.put(place, kept)
    units = [
        consumed(request, view, sum(write_units(size_of(kept)) for kept in changes.values()))
        for view, changes in batch
    ]
    return present(UnprocessedItems={}, ConsumedCapacity=None if None in units else units)


def _request(given: Mapping[str, Any]) -> tuple[Item, Kept | None]:
    """Return the key to delete and None, or the item to put."""
    if (put := given.get("PutRequest")) is not None:
        if given.get("DeleteRequest") is not None:
            raise invalid(
                "Supplied AttributeValue has more than one datatypes set, "
                "must contain exactly one of the supported datatypes"
            )
        kept = checked_item(put["Item"])
        return kept.item, kept
    if (deletion := given.get("DeleteRequest")) is not None:
        return checked_item(deletion["Key"]).item, None
    raise invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")


def _place(view: TableView, key: Item, kept: Kept | None) -> Place:
    """Check a write. `key` is the key to delete, or the item to put."""
    if kept is None:
        check_key(view.key, key)
        return view.place(key)
    if any(part.name not in key or part.kind not in key[part.name] for part in view.key):
        raise invalid(SCHEMA)
    return view.check_put(kept)


def get(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a BatchGetItem request. Keys beyond 16 MB are returned as unprocessed."""
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
            kept = view.items.get(place)
            size = size_of(kept)
            if total + size > _MOST_READ:
                left[view.given] = present(**{**given, "Keys": keys[number:]})
                break
            total += size
            spent += read_units(size, consistent=bool(given.get("ConsistentRead")))
            if (item := part_of(kept, paths)) is not None:
                found.append(item)
        units.append(consumed(request, view, spent))
    return present(Responses=answers, UnprocessedKeys=left, ConsumedCapacity=None if None in units else units)


def refuse_sizes(operation: str, request: Mapping[str, Any]) -> None:
    """Reject RequestItems that are empty or have too many entries for one table, with AWS's error message."""
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
