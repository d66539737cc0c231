"""GetItem, Query and Scan."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller

from . import key_conditions, legacy
from .capacity import consumed, present, read_units
from .checks import Checker
from .conditions import holds
from .errors import Refused, invalid
from .items import Place, check_key
from .placeholders import Placeholders
from .projection import part_of, projected
from .syntax import Condition, Path
from .table_view import Index, TableView, view_of
from .values import Item, Kept, checked_item, comparable, size_of
from .writes import condition_of, keyed

LARGEST_PAGE: Final = 1024 * 1024
_START: Final = "The provided starting key is invalid"
_ONLY_PROJECTED: Final = "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"


def get(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a GetItem request."""
    paths = paths_of(request)
    view, key = keyed(caller, request)
    kept = view.items.get(view.place(key))
    units = read_units(size_of(kept), consistent=bool(request.get("ConsistentRead")))
    return present(Item=part_of(kept, paths), ConsumedCapacity=consumed(request, view, units))


def paths_of(request: Mapping[str, Any]) -> tuple[Path, ...] | None:
    """Parse ProjectionExpression or AttributesToGet in a request that has no other expressions."""
    expressions = ("ProjectionExpression",)
    legacy.refuse_mixture(request, expressions)
    placeholders = Placeholders(request, expressions, ())
    found = _projection(request, placeholders)
    placeholders.check_used()
    return found


def _projection(request: Mapping[str, Any], placeholders: Placeholders) -> tuple[Path, ...] | None:
    if request.get("ProjectionExpression") is None:
        return legacy.paths_to_get(request.get("AttributesToGet"))
    paths = placeholders.paths("ProjectionExpression", request["ProjectionExpression"])
    Checker("ProjectionExpression").projection(paths)
    return paths


@dataclass(frozen=True)
class Search:
    """A Query or Scan without its key conditions.

    Attributes:
        condition: the filter.
        paths: the requested parts of each item, or None for the whole item.
    """

    request: Mapping[str, Any]
    view: TableView
    index: Index | None
    condition: Condition | None
    paths: tuple[Path, ...] | None

    def answer(self, entries: Iterable[tuple[Place, Kept]]) -> JsonObject:
        """Return a page of these items."""
        found: list[Item] = []
        limit = self.request.get("Limit")
        scanned = size = 0
        last: Item | None = None
        stopped = False
        for _, kept in entries:
            if size + kept.size > LARGEST_PAGE and scanned:
                stopped = True
                break
            scanned += 1
            size += kept.size
            last = kept.item
            if self.condition is None or holds(self.condition, kept.item):
                found.append(kept.item)
            if scanned == limit:
                stopped = True
                break
        units = read_units(size, consistent=bool(self.request.get("ConsistentRead")))
        by_index = None if self.index is None else {self.index: units}
        counts_only = self.request.get("Select") == "COUNT"
        return present(
            Count=len(found),
            ScannedCount=scanned,
            Items=None if counts_only else [self._shown(item) for item in found],
            LastEvaluatedKey=self._key(last) if stopped and last is not None else None,
            ConsumedCapacity=consumed(self.request, self.view, 0.0 if by_index else units, by_index),
        )

    def start(self) -> Place | None:
        """Parse ExclusiveStartKey, the position before the first item on the page."""
        given = self.request.get("ExclusiveStartKey")
        if given is None:
            return None
        key, _ = checked_item(given)
        own = {part.name: key[part.name] for part in self.view.key if part.name in key}
        index = () if self.index is None else self.index.key
        names = {part.name for part in (*self.view.key, *index)}
        if set(key) != names:
            raise invalid(_START)
        try:
            check_key(self.view.key, own)
        except Refused as refused:
            raise invalid(f"{_START}: {refused.message}") from None
        for part in index:
            if part.kind not in key[part.name]:
                raise invalid(_START)
        return (*(comparable(key[part.name]) for part in index), *self.view.place(key))

    def _shown(self, item: Item) -> Item:
        wants_all = self.request.get("Select") == "ALL_ATTRIBUTES" or (
            self.paths is not None and self.index is not None and not self.index.is_global
        )
        if self.index is not None and self.index.attributes is not None and not wants_all:
            item = {name: value for name, value in item.items() if name in self.index.attributes}
        return item if self.paths is None else projected(item, self.paths)

    def _key(self, item: Item) -> Item:
        index = () if self.index is None else self.index.key
        return {part.name: item[part.name] for part in (*self.view.key, *index)}


def query(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a Query request."""
    expressions = ("ProjectionExpression", "FilterExpression", "KeyConditionExpression")
    legacy.refuse_mixture(request, expressions)
    placeholders = Placeholders(request, expressions, expressions[1:])
    if request.get("KeyConditionExpression") is not None:
        condition = condition_of(placeholders, "KeyConditionExpression", request)
        tests = key_conditions.of_expression(condition)
    elif request.get("KeyConditions") is not None:
        tests = key_conditions.of_legacy(request["KeyConditions"])
    else:
        raise invalid(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        )
    search = _search(caller, request, placeholders, "QueryFilter")
    view, index = search.view, search.index
    hashes, ranges = (view.key[:1], view.key[1:]) if index is None else (index.hashes, index.ranges)
    key_conditions.check(tests, hashes, ranges)
    _refuse_keys_in_filter(search.condition, {part.name for part in (*hashes, *ranges)})
    wanted = tuple(comparable(each) for each in key_conditions.values_of(tests, hashes).values())
    if index is None:
        entries = view.items.partition(wanted[0])
    else:
        entries = [each for each in view.items.indexed(index.key) if each[0][: len(wanted)] == wanted]
    for part in ranges:
        if part.name in tests:
            holds_for = tests[part.name].holds
            entries = [each for each in entries if holds_for(each[1].item[part.name])]
    return search.answer(_from(entries, search.start(), forward=request.get("ScanIndexForward", True)))


def scan(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a Scan request."""
    expressions = ("ProjectionExpression", "FilterExpression")
    legacy.refuse_mixture(request, expressions)
    _check_segment(request)
    placeholders = Placeholders(request, expressions, expressions[1:])
    search = _search(caller, request, placeholders, "ScanFilter")
    items = search.view.items
    listed = items.all() if search.index is None else items.indexed(search.index.key)
    entries = _from(listed, search.start(), forward=True)
    if (segments := request.get("TotalSegments")) is not None:
        wanted = request["Segment"]
        entries = [each for each in entries if zlib.crc32(repr(each[0][0]).encode()) % segments == wanted]
    return search.answer(entries)


def _search(
    caller: Caller, request: Mapping[str, Any], placeholders: Placeholders, old_filter: str
) -> Search:
    if request.get("FilterExpression") is not None:
        condition: Condition | None = condition_of(placeholders, "FilterExpression", request)
    else:
        condition = legacy.condition(request, old_filter)
    paths = _projection(request, placeholders)
    placeholders.check_used()
    view = view_of(caller, request["TableName"])
    name = request.get("IndexName")
    index = None if name is None else view.index(name)
    if index is not None and index.is_global and request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    _check_select(request, index, paths)
    return Search(request, view, index, condition, paths)


def _check_select(request: Mapping[str, Any], index: Index | None, paths: tuple[Path, ...] | None) -> None:
    asked = request.get("Select")
    given = "ProjectionExpression" if request.get("ProjectionExpression") is not None else "AttributesToGet"
    if paths is not None and asked not in (None, "SPECIFIC_ATTRIBUTES"):
        wanted = "only the Count" if asked == "COUNT" else asked
        raise invalid(f"Cannot specify the {given} when choosing to get {wanted}")
    if paths is None and asked == "SPECIFIC_ATTRIBUTES":
        raise invalid(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
            "SPECIFIC_ATTRIBUTES"
        )
    if asked == "ALL_PROJECTED_ATTRIBUTES" and index is None:
        raise invalid(_ONLY_PROJECTED)
    if index is None or not index.is_global or index.attributes is None:
        return
    told_index = f"global secondary index {index.name}"
    if asked == "ALL_ATTRIBUTES":
        raise invalid(
            f"One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for "
            f"{told_index} because its projection type is not ALL"
        )
    missing = [str(path.parts[0]) for path in paths or () if path.parts[0] not in index.attributes]
    if missing:
        raise invalid(
            f"One or more parameter values were invalid: Global secondary index {index.name} does not "
            f"project [{', '.join(missing)}]"
        )


def _check_segment(request: Mapping[str, Any]) -> None:
    segment, total = request.get("Segment"), request.get("TotalSegments")
    required = "parameter is required but was not present in the request when"
    if total is None and segment is not None:
        raise invalid(f"The TotalSegments {required} Segment parameter is present")
    if total is not None and segment is None:
        raise invalid(f"The Segment {required} parameter TotalSegments is present")
    if total is not None and segment is not None and segment >= total:
        raise invalid(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total}"
        )


def _refuse_keys_in_filter(condition: Condition | None, key: set[str]) -> None:
    if condition is not None:
        for name in _attributes(condition):
            if name in key:
                raise invalid(
                    "Filter Expression can only contain non-primary key attributes: "
                    f"Primary key attribute: {name}"
                )


def _attributes(part: object) -> Iterable[str]:
    """Return the attributes in a condition (the first part of each path)."""
    if isinstance(part, Path):
        yield str(part.parts[0])
    elif isinstance(part, tuple):
        for each in part:
            yield from _attributes(each)


def _from(
    entries: Sequence[tuple[Place, Kept]], start: Place | None, *, forward: bool
) -> Iterable[tuple[Place, Kept]]:
    if start is not None:
        entries = [each for each in entries if (each[0] > start if forward else each[0] < start)]
    return entries if forward else reversed(entries)
