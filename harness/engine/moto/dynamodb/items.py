"""The items in a table, sorted by key.

Partitions are sorted by key, so a Scan returns the same result in every run. AWS sorts partitions
by an internal hash.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from .errors import invalid, wrong_values
from .values import Comparable, Item, Kept, Value, comparable, kind_of

SCHEMA: Final = "The provided key element does not match the schema"
LONGEST_HASH: Final = 2048
LONGEST_RANGE: Final = 1024

Place = tuple[Comparable, ...]
"""The values in an item's key, in sortable form."""


class KeyPart(NamedTuple):
    """A key attribute."""

    name: str
    kind: str


class Items:
    """The items in one table."""

    def __init__(self, key: Sequence[KeyPart]) -> None:
        self.key = tuple(key)
        self._partitions: dict[Comparable, dict[Place, Kept]] = {}
        self._hashes: list[Comparable] = []
        self._orders: dict[Comparable, list[Place]] = {}
        self._indexes: dict[tuple[KeyPart, ...], Sequence[tuple[Place, Kept]]] = {}

    def __deepcopy__(self, _: object) -> Items:
        """Copy the sorted collections, but not the items, which never change."""
        copied = Items(self.key)
        copied._partitions = {key: dict(each) for key, each in self._partitions.items()}
        copied._hashes = list(self._hashes)
        copied._orders = {key: list(each) for key, each in self._orders.items()}
        return copied

    def __len__(self) -> int:
        """Return the number of items."""
        return sum(map(len, self._partitions.values()))

    def __iter__(self) -> Iterator[Kept]:
        """Yield all items in order."""
        for key in self._hashes:
            partition = self._partitions[key]
            for place in self._orders[key]:
                yield partition[place]

    def place(self, key: Mapping[str, Value]) -> Place:
        """Return the position of an item or of a validated key."""
        return tuple(comparable(key[part.name]) for part in self.key)

    def get(self, place: Place) -> Kept | None:
        """Return the item at a position."""
        return self._partitions.get(place[0], {}).get(place)

    def put(self, place: Place, kept: Kept) -> Item | None:
        """Put an item at its position, and return the previous item."""
        self._indexes.clear()
        partition = self._partitions.get(place[0])
        if partition is None:
            partition = self._partitions[place[0]] = {}
            insort(self._hashes, place[0])
            self._orders[place[0]] = []
        old = partition.get(place)
        if old is None:
            insort(self._orders[place[0]], place)
        partition[place] = kept
        return None if old is None else old.item

    def delete(self, place: Place) -> Item | None:
        """Delete the item at a position, and return it."""
        partition = self._partitions.get(place[0], {})
        old = partition.pop(place, None)
        if old is None:
            return None
        self._indexes.clear()
        order = self._orders[place[0]]
        del order[bisect_left(order, place)]
        if not partition:
            del self._partitions[place[0]], self._orders[place[0]]
            self._hashes.remove(place[0])
        return old.item

    def partition(self, hash_value: Comparable) -> Sequence[tuple[Place, Kept]]:
        """Return the items in a partition in order, each with its position."""
        partition = self._partitions.get(hash_value)
        if partition is None:
            return ()
        return [(place, partition[place]) for place in self._orders[hash_value]]

    def all(self) -> Sequence[tuple[Place, Kept]]:
        """Return all items in order, each with its position."""
        return [
            (place, partition[place])
            for key in self._hashes
            for partition in [self._partitions[key]]
            for place in self._orders[key]
        ]

    def indexed(self, key: tuple[KeyPart, ...]) -> Sequence[tuple[Place, Kept]]:
        """Return the items in an index, in index order. Each position begins with the index key."""
        found = self._indexes.get(key)
        if found is None:
            listed = [
                ((*(comparable(kept.item[part.name]) for part in key), *place), kept)
                for place, kept in self.all()
                if all(kind_of(kept.item.get(part.name, _ABSENT)) == part.kind for part in key)
            ]
            found = self._indexes[key] = sorted(listed, key=lambda each: each[0])
        return found


_ABSENT: Final[Value] = {"": None}


def check_key(key: Sequence[KeyPart], given: Item) -> None:
    """Check the key in a read, an update or a deletion."""
    if len(given) != len(key):
        raise invalid(SCHEMA)
    for part in key:
        value = given.get(part.name)
        if value is None or kind_of(value) != part.kind:
            raise invalid(SCHEMA)
    check_lengths(key, given)


def check_put(key: Sequence[KeyPart], item: Item) -> None:
    """Check the key of an item to put."""
    for part in key:
        value = item.get(part.name)
        if value is None:
            raise wrong_values(f"Missing the key {part.name} in the item")
        if kind_of(value) != part.kind:
            raise wrong_values(
                f"Type mismatch for key {part.name} expected: {part.kind} actual: {kind_of(value)}"
            )
    check_lengths(key, item)


def check_lengths(key: Sequence[KeyPart], item: Item) -> None:
    """Check the lengths of key values."""
    for number, part in enumerate(key):
        if part.kind == "N":
            continue
        value = comparable(item[part.name])
        if not value:
            kind = "string" if part.kind == "S" else "binary"
            raise invalid(
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                f"cannot contain an empty {kind} value. Key: {part.name}"
            )
        size = len(value.encode() if isinstance(value, str) else bytes(value))  # type: ignore[arg-type]
        if number == 0 and size > LONGEST_HASH:
            raise wrong_values(f"Size of hashkey has exceeded the maximum size limit of{LONGEST_HASH} bytes")
        if number and size > LONGEST_RANGE:
            raise wrong_values("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
