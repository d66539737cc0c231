"""moto's table, as seen by item requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import GlobalSecondaryIndex, SecondaryIndex, Table

from harness.stepfunctions.arns import Caller

from .errors import invalid, no_table, wrong_values
from .items import Items, KeyPart, Place, check_put
from .values import LARGEST_ITEM, Item, Kept, kind_of

_EMPTY: Final = (
    "One or more parameter values are not valid. {what} The AttributeValue for a key attribute cannot "
    "contain an empty {kind} value."
)


_expiring: Final[list[Callable[[Table, Item], None]]] = []


def on_put(listener: Callable[[Table, Item], None]) -> None:
    """Register a listener, which is called with each item that is put into a table with TTL enabled."""
    _expiring.append(listener)


@dataclass(frozen=True)
class Index:
    """A secondary index.

    Attributes:
        hashes: the partition key attributes.
        ranges: the sort key attributes.
        attributes: the projected attributes except keys, or None for all attributes.
    """

    name: str
    is_global: bool
    hashes: tuple[KeyPart, ...]
    ranges: tuple[KeyPart, ...]
    attributes: frozenset[str] | None

    @property
    def key(self) -> tuple[KeyPart, ...]:
        """The attributes of the index key."""
        return self.hashes + self.ranges

    def has(self, item: Item) -> bool:
        """Return whether the index contains an item."""
        return all(part.name in item for part in self.key)


class TableView:
    """A table and its items.

    Attributes:
        given: the table name or the ARN in the request.
        table: moto's table.
    """

    def __init__(self, given: str, table: Table) -> None:
        self.given = given
        self.table = table
        self.name: str = table.name
        self.items: Items = table.items  # type: ignore[assignment]  # see `install`
        self.key = self.items.key

    @cached_property
    def indexes(self) -> Mapping[str, Index]:
        """The table's indexes, by name."""
        listed: Iterable[SecondaryIndex] = [*self.table.global_indexes, *self.table.indexes]
        return {each.name: self._index(each) for each in listed}

    def index(self, name: str) -> Index:
        """Return the index that a Query or Scan specifies."""
        found = self.indexes.get(name)
        if found is None:
            raise invalid(f"The table does not have the specified index: {name}")
        return found

    def place(self, key: Item) -> Place:
        """Return the position of an item."""
        return self.items.place(key)

    def key_of(self, item: Item) -> Item:
        """Return an item's key."""
        return {part.name: item[part.name] for part in self.key}

    def check_indexed(self, item: Item, *, updating: bool = False) -> None:
        """Reject values that are not valid index keys."""
        for index in self.indexes.values():
            for part in index.key:
                value = item.get(part.name)
                if value is None:
                    continue
                kind = kind_of(value)
                if kind != part.kind:
                    raise wrong_values(
                        f"Type mismatch for Index Key {part.name} Expected: {part.kind} Actual: {kind} "
                        f"IndexName: {index.name}"
                    )
                if value[kind] == "":
                    raise invalid(_empty_index_key(index, part, updating=updating))

    def check_put(self, kept: Kept) -> Place:
        """Check an item to put, and return its position."""
        check_put(self.key, kept.item)
        self.check_indexed(kept.item)
        if kept.size > LARGEST_ITEM:
            raise invalid("Item size has exceeded the maximum allowed size")
        return self.place(kept.item)

    def put(self, place: Place, kept: Kept) -> None:
        """Put an item, and record it in the stream."""
        self._changed(self.items.put(place, kept), kept.item)
        if self.table.ttl.get("TimeToLiveStatus") == "ENABLED":
            for listener in _expiring:
                listener(self.table, kept.item)

    def delete(self, place: Place) -> None:
        """Delete an item if it exists, and record that in the stream."""
        self._changed(self.items.delete(place), None)

    def _changed(self, old: Item | None, new: Item | None) -> None:
        if self.table.stream_shard is not None and old != new:
            self.table.stream_shard.add(old, new)  # type: ignore[arg-type]  # see `streams`

    def _index(self, index: SecondaryIndex) -> Index:
        kinds = {each["AttributeName"]: each["AttributeType"] for each in self.table.attr}
        parts: dict[str, list[KeyPart]] = {"HASH": [], "RANGE": []}
        for each in index.schema:
            name = each["AttributeName"]
            parts[each["KeyType"]].append(KeyPart(name, kinds.get(name, "S")))
        projection: Mapping[str, Any] = index.projection or {}
        own = {part.name for part in (*self.key, *parts["HASH"], *parts["RANGE"])}
        attributes = {
            "ALL": None,
            "KEYS_ONLY": frozenset(own),
            "INCLUDE": frozenset(own | set(projection.get("NonKeyAttributes") or ())),
        }[projection.get("ProjectionType", "ALL")]
        is_global = isinstance(index, GlobalSecondaryIndex)
        return Index(index.name, is_global, tuple(parts["HASH"]), tuple(parts["RANGE"]), attributes)


def _empty_index_key(index: Index, part: KeyPart, *, updating: bool) -> str:
    kind = "string" if part.kind == "S" else "binary"
    if updating:
        what = (
            "The update expression attempted to update a secondary index key to a value that is not "
            "supported."
        )
        return _EMPTY.format(what=what, kind=kind)
    what = "A value specified for a secondary index key is not supported."
    return f"{_EMPTY.format(what=what, kind=kind)} IndexName: {index.name}, IndexKey: {part.name}"


def backend_of(caller: Caller) -> DynamoDBBackend:
    """Return moto's DynamoDB backend for an account and region."""
    return dynamodb_backends[caller.account_id][caller.region]


def view_of(caller: Caller, given: str) -> TableView:
    """Find a table by name or ARN, for an item operation."""
    table = find_table(caller, given)
    if table is None:
        raise no_table()
    return TableView(given, table)


def find_table(caller: Caller, given: str) -> Table | None:
    """Find moto's table by name or ARN. Return None if it does not exist in the caller's region."""
    if not given.startswith("arn:"):
        return backend_of(caller).tables.get(given)
    check_arn(given)
    owner = Caller.owner_of(given)
    name = given.split(":", 5)[5].removeprefix("table/").split("/")[0]
    return backend_of(owner).tables.get(name) if owner.region == caller.region else None


def check_arn(arn: str) -> None:
    """Reject an invalid table ARN."""
    if len(arn.split(":")) < 6 or ":dynamodb:" not in arn:
        raise invalid(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")
