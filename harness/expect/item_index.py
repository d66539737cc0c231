"""Finds items of a table that have given attributes, and the nearest ones, without comparing each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from harness.expect.bits import FEW, Bits, Distances, bits_of
from harness.expect.values import comparable

Item = Mapping[str, object]
"""An item; numbers are int, float or Decimal, sets are frozensets, binary values are bytes."""


class ItemIndex:
    """The places of items by the names and by the values of their attributes."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.all: Bits = (1 << len(items)) - 1
        self._sizes = sorted({len(item) for item in items})
        # By a name, by a name with its value, and by a number of attributes.
        self._places: dict[str | tuple[str, Hashable] | int, list[int]] = {}
        self._kept: dict[str | tuple[str, Hashable] | int, Bits] = {}
        for place, item in enumerate(items):
            self._places.setdefault(len(item), []).append(place)
            for name, value in item.items():
                self._places.setdefault(name, []).append(place)
                self._places.setdefault((name, comparable(value)), []).append(place)

    def having(self, wanted: Item) -> Bits:
        """The items that have these attributes, among others."""
        found = self.all
        for name, value in wanted.items():
            found &= self._with((name, comparable(value)))
        return found

    def nearest(self, wanted: Item) -> int | None:
        """The first item that lacks the fewest of these attributes; None without any item."""
        met = [self._with((name, comparable(value))) for name, value in wanted.items()]
        found = Distances(len(met), met, [(0, self.all)]).nearest(self.all)
        return None if found is None else found[1]

    def distances(self, wanted: Item) -> Distances:
        """The number of attributes that are different, or that only one of the two has, for each item.

        Those of both count, without the wanted ones whose names, and those whose values, the item has, too.
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
