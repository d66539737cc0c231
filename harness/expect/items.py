"""`items`: the items in tables."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from pydantic import Field

from harness.expect.alike import members, paired
from harness.expect.base import Entry, Overall, keys_are
from harness.expect.item_index import Item, ItemIndex
from harness.expect.model import Mismatch
from harness.expect.pairing import pair_nearest
from harness.expect.values import compact, comparable, pretty, same
from harness.expect.wording import joined, quoted
from harness.json_types import Json, JsonObject
from harness.observe.model import Observation
from harness.scenario.base import LogicalId, Model
from harness.scenario.matcher import Count

_MOST_ITEMS: Final = 50
"""The maximum number of table items to record individually. Above it, only the number is recorded."""


class Items(Model):
    """The items in a table. Numbers are compared by value, and sets regardless of order.

    Write a set as `!!set [a, b]`, and a binary value in base64: `!!binary "aGVsbG8="`.
    """

    count: Count | None = Field(default=None, description="Their number.")
    contain: tuple[Item, ...] | None = Field(
        default=None,
        description="For each of these, the table has an item with these attributes. Other attributes are "
        "allowed.",
    )
    exact: tuple[Item, ...] | None = Field(
        default=None,
        description="The complete items in the table with all of their attributes, in any order.",
    )

    wants: ClassVar[str] = "a mapping with count, contain or exact"
    may_be_empty: ClassVar[bool] = False


def compare(wanted: Mapping[str, Items], observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield mismatches for `count`, `contain` and `exact`, table by table."""
    for table, items in wanted.items():
        place = entry.at(table)
        seen = observation.tables.get(table)
        if seen is None:
            known = ", ".join(sorted(observation.tables)) or "(none)"
            yield place.mismatch(
                f"no table of this name exists at the end; tables: {known}",
                subject=f"table {table}",
            )
            continue
        if items.count is not None and len(seen) not in items.count:
            summary = f"expected {items.count} items, seen {len(seen)}"
            yield place.at("count").mismatch(summary, str(items.count), str(len(seen)), f"table {table}")
        yield from _contained(items.contain or (), seen, place.at("contain"), table)
        if items.exact is not None:
            yield from _exact(items.exact, seen, place.at("exact"), table)


def _contained(
    wanted: tuple[Item, ...], seen: tuple[Item, ...], place: Entry, table: str
) -> Iterator[Mismatch]:
    index = ItemIndex(seen) if wanted else None
    for number, item in enumerate(wanted):
        if index is None or index.having(item):
            continue
        nearest = index.nearest(item)
        found = None if nearest is None else seen[nearest]
        asked = {name: found[name] for name in item if name in found} if found is not None else None
        yield _missing(item, asked, place.at(number), table)


def _exact(wanted: tuple[Item, ...], seen: tuple[Item, ...], place: Entry, table: str) -> Iterator[Mismatch]:
    missing, rest = _unequal(wanted, seen)
    index = ItemIndex(rest)
    nearest = pair_nearest(missing, index.all, lambda number: index.distances(wanted[number]))
    for number in missing:
        found = rest[nearest[number]] if number in nearest else None
        yield _missing(wanted[number], found, place.at(number), table)
    paired = set(nearest.values())
    for number, item in enumerate(rest):
        if number not in paired:
            yield place.mismatch(f"not expected: {quoted(compact(item))}", "", pretty(item), f"table {table}")


def _unequal(wanted: tuple[Item, ...], seen: tuple[Item, ...]) -> tuple[list[int], list[Item]]:
    """Return the positions of expected items, and the observed items, that have no equal counterpart."""
    places: dict[Hashable, deque[int]] = {}
    for index, item in enumerate(wanted):
        places.setdefault(comparable(item), deque()).append(index)
    rest = []
    for item in seen:
        same_as = places.get(comparable(item))
        if same_as:
            same_as.popleft()
        else:
            rest.append(item)
    return sorted(index for left in places.values() for index in left), rest


def _missing(wanted: Item, nearest: Item | None, place: Entry, table: str) -> Mismatch:
    expected = pretty(wanted)
    if nearest is None:
        text = f"no item like {compact(wanted)}"
        return place.mismatch(text, expected, "(no item)", f"table {table}")
    wrong = sorted(_different(wanted, nearest))
    text = f"no item like {compact(wanted)}; the closest differs in {joined(wrong)}"
    return place.mismatch(text, expected, pretty(nearest), f"table {table}")


def _wrong(wanted: Item, seen: Item) -> set[str]:
    """Return the expected attributes that are missing or different."""
    return {name for name, value in wanted.items() if name not in seen or not same(value, seen[name])}


def _different(wanted: Item, seen: Item) -> set[str]:
    return _wrong(wanted, seen) | (seen.keys() - wanted.keys())


def record(observations: Sequence[Observation]) -> Json:
    """Return each table's items: all attributes of all items, or otherwise the common attributes."""
    found: JsonObject = {}
    for table in sorted(observations[0].tables):
        key = observations[0].table_keys.get(table, ())
        seen = [each.tables.get(table, ()) for each in observations]
        if (items := _recorded(seen, key)) is not None:
            found[table] = items
    return found or None


def _recorded(seen: Sequence[Sequence[Item]], key: Sequence[str]) -> Json:
    pairs = paired(seen, lambda item: [item.get(name) for name in key])
    if pairs is None:
        return None
    if len(pairs) > _MOST_ITEMS:
        return {"count": len(pairs)}
    shared = [members([_plain(item) for item in items]) for items in pairs]
    if all(len(one) == len(item) for items, one in zip(pairs, shared, strict=True) for item in items):
        return {"exact": list(shared)}
    return {"count": len(pairs), "contain": list(shared)} if all(shared) else {"count": len(pairs)}


def _plain(item: Item) -> dict[str, Any]:
    """Return the attributes that can be written in YAML without a tag."""
    return {name: value for name, value in item.items() if _is_plain(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_plain(each) for each in value.values())
    if isinstance(value, list | tuple):
        return all(_is_plain(each) for each in value)
    return value is None or isinstance(value, str | int)


EXPECTATION = Overall(
    key="items",
    wanted=Mapping[LogicalId, Items],
    description="The items in tables, by logical ID.",
    names=keys_are("table"),
    compare=compare,
    record=record,
)
