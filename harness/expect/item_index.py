"""Find table items with specified attributes, and the closest items, without comparing every item."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from harness.expect.bits import FEW, Bits, Distances, bits_of
from harness.expect.values import comparable

Item = Mapping[str, object]
"""An item. Numbers are int, float or Decimal; sets are frozensets; binary values are bytes."""


class ItemIndex:
    """The positions of items, by attribute names and values."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.all: Bits = (1 << len(items)) - 1
        self._sizes = sorted({len(item) for item in items})
        # By name, by name and value, and by number of attributes.
        self._places: dict[str | tuple[str, Hashable] | int, list[int]] = {}
        self._kept: dict[str | tuple[str, Hashable] | int, Bits] = {}
        for place, item in enumerate(items):
            self._places.setdefault(len(item), []).append(place)
            for name, value in item.items():
                self._places.setdefault(name, []).append(place)
                self._places.setdefault((name, comparable(value)), []).append(place)

    def having(self, wanted: Item) -> Bits:
        """Return the items that contain these attributes."""
        found = self.all
        for name, value in wanted.items():
            found &= self._with((name, comparable(value)))
        return found

    def nearest(self, wanted: Item) -> int | None:
        """Return the first item that lacks the fewest of these attributes; None if there are no items."""
        met = [self._with((name, comparable(value))) for name, value in wanted.items()]
        found = Distances(len(met), met, [(0, self.all)]).nearest(self.all)
        return None if found is None else found[1]

    def distances(self, wanted: Item) -> Distances:
        """Return each item's distance: the number of attributes that differ or that exist on only one side.

        It is the total number of attributes on both sides, minus matching names and matching values.
        """
        met: list[Bits] = []
        for name, value in wanted.items():
            met += [self._with(name), self._with((name, comparable(value)))]
        return Distances(len(wanted), met, [(size, self._with(size)) for size in self._sizes])

    def _with(self, key: str | tuple[str, Hashable] | int) -> Bits:
        places = self._places.get(key, [])
        if len(places) < FEW:
            return bits_of(places)
        if key not in self._kept:
            self._kept[key] = bits_of(places)
        return self._kept[key]
