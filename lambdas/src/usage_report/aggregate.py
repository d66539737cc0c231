"""Objects and bytes per extension. If there are too many, the smallest are merged."""

import json
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import NamedTuple

from usage_report.extension import OTHER, extension_of


class Aggregate(NamedTuple):
    """Objects and bytes for one extension; in JSON `[object_count, total_bytes]`."""

    object_count: int
    total_bytes: int

    def plus(self, other: "Aggregate") -> "Aggregate":
        """Return the sum of both."""
        return Aggregate(self.object_count + other.object_count, self.total_bytes + other.total_bytes)


EMPTY = Aggregate(0, 0)


class Counts:
    """Counts objects and bytes per extension, starting with `aggregates`."""

    def __init__(self, aggregates: Mapping[str, Aggregate] | None = None) -> None:
        self._counts: dict[str, list[int]] = {name: list(each) for name, each in (aggregates or {}).items()}

    def add(self, objects: Iterable[tuple[str, int]]) -> None:
        """Count `(key, size_bytes)` pairs."""
        counts = self._counts
        for key, size_bytes in objects:
            extension = extension_of(key, size_bytes)
            entry = counts.get(extension)
            if entry is None:
                entry = counts[extension] = [0, 0]
            entry[0] += 1
            entry[1] += size_bytes

    def aggregates(self) -> dict[str, Aggregate]:
        """Return the aggregates so far, such as `{".jpg": Aggregate(2, 4096)}`."""
        return {extension: Aggregate(*entry) for extension, entry in self._counts.items()}


def total(aggregates: Iterable[Aggregate]) -> Aggregate:
    """Return the sum of the aggregates."""
    return reduce(Aggregate.plus, aggregates, EMPTY)


def largest_first(aggregates: Mapping[str, Aggregate]) -> list[tuple[str, Aggregate]]:
    """Sort the entries by bytes, then by objects, then by name."""
    return sorted(aggregates.items(), key=lambda item: (-item[1].total_bytes, -item[1].object_count, item[0]))


def fold_to_fit(aggregates: Mapping[str, Aggregate], max_bytes: int) -> dict[str, Aggregate]:
    """Return the aggregates; if their JSON exceeds `max_bytes`, the smallest are merged into `(other)`.

    Sums are unchanged: merged entries are added up in `(other)`.
    """
    if len(json.dumps(aggregates)) <= max_bytes:
        return dict(aggregates)
    rest = aggregates.get(OTHER, EMPTY)
    room = max_bytes - len(json.dumps({OTHER: total(aggregates.values())}))
    kept: dict[str, Aggregate] = {}
    for extension, aggregate in largest_first({k: v for k, v in aggregates.items() if k != OTHER}):
        room -= len(json.dumps({extension: aggregate}))
        if room >= 0:
            kept[extension] = aggregate
        else:
            rest = rest.plus(aggregate)
    return {**kept, OTHER: rest}
