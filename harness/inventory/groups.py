"""Counts objects with similar keys in bounded memory. The more key formats exist, the coarser the groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from harness.inventory.model import LATEST, Listed
from harness.inventory.shapes import LEVELS, Parts, parts_of

MOST_GROUPS: Final = 20_000
"""Maximum number of groups in all buckets while the listing is read."""
MOST_LINES: Final = 200
"""Maximum number of patterns in the result for one bucket, so that it stays readable. There may be more
extensions.
"""
MOST_SUFFIXES: Final = 1_000
"""Maximum number of extensions in one bucket."""
LAST_LEVEL: Final = len(LEVELS) - 1
_ONE_SIZE: Final = -1
_BITS: Final = 4


@dataclass(slots=True)
class Group:
    """Objects with similar keys and sizes of the same order of magnitude. `example` is the first object."""

    example: Parts
    count: int = 0
    size_bytes: int = 0

    def add(self, count: int, size_bytes: int) -> None:
        """Add objects to the count."""
        self.count += count
        self.size_bytes += size_bytes


@dataclass
class Bucket:
    """The groups in a bucket. `level` is their coarseness; see `shapes.LEVELS`."""

    name: str
    level: int = 0
    groups: dict[tuple[Parts, int], Group] = field(default_factory=dict)
    suffixes: set[str] = field(default_factory=set)
    odd_suffixes: int = 0

    def add(self, key: str, size_bytes: int) -> bool:
        """Count an object. Return whether its group is new."""
        parts = parts_of(key)
        if parts.suffix not in self.suffixes:
            parts = self._with_known_suffix(parts)
        place = LEVELS[self.level][0](parts), magnitude(size_bytes)
        group = self.groups.get(place)
        if is_new := group is None:
            group = self.groups[place] = Group(parts)
        group.add(1, size_bytes)
        return is_new

    def coarsen(self) -> None:
        """Merge groups into the next level. After the last level, sizes of all magnitudes form one group."""
        form = LEVELS[min(self.level + 1, LAST_LEVEL)][0]
        one_size = self.level >= LAST_LEVEL
        groups: dict[tuple[Parts, int], Group] = {}
        for (parts, size), group in self.groups.items():
            place = form(parts), _ONE_SIZE if one_size else size
            groups.setdefault(place, Group(group.example)).add(group.count, group.size_bytes)
        self.groups = groups
        self.level = min(self.level + 1, LAST_LEVEL)

    def fit(self, most: int) -> None:
        """Make groups coarser until there are at most `most`, or until only extensions differ."""
        while len(self.groups) > most and self.level < LAST_LEVEL:
            self.coarsen()
        if len(self.groups) > most:
            self.coarsen()

    def _with_known_suffix(self, parts: Parts) -> Parts:
        if len(self.suffixes) < MOST_SUFFIXES:
            self.suffixes.add(parts.suffix)
            return parts
        self.odd_suffixes += 1
        return Parts(parts.folder, parts.stem + parts.suffix, "")


@dataclass
class Groups:
    """The whole listing.

    Attributes:
        left_out: kinds of entries that a seed cannot contain -> their number and bytes.
        classes: storage class -> number of objects.
        dates: the days of the first and last change; "" if unknown.
    """

    buckets: dict[str, Bucket] = field(default_factory=dict)
    left_out: dict[str, tuple[int, int]] = field(default_factory=dict)
    classes: Counter[str] = field(default_factory=Counter)
    dates: tuple[str, str] = ("", "")
    most: int = MOST_GROUPS

    def add_all(self, listed: Iterable[Listed]) -> None:
        """Count every line."""
        number = 0
        first, last = self.dates
        for each in listed:
            if each.kind != LATEST:
                count, size = self.left_out.get(each.kind, (0, 0))
                self.left_out[each.kind] = count + 1, size + each.size_bytes
                continue
            bucket = self.buckets.get(each.bucket)
            if bucket is None:
                bucket = self.buckets[each.bucket] = Bucket(each.bucket)
            number += bucket.add(each.key, each.size_bytes)
            self.classes[each.storage_class] += 1
            if each.date:
                first = min(first or each.date, each.date)
                last = max(last, each.date)
            if number > self.most:
                number = self._coarsened()
        self.dates = first, last

    def fit(self) -> None:
        """Reduce the groups in each bucket to a readable number."""
        for bucket in self.buckets.values():
            bucket.fit(MOST_LINES)

    @property
    def total(self) -> tuple[int, int]:
        """Return the number of objects, and their bytes."""
        groups = [group for bucket in self.buckets.values() for group in bucket.groups.values()]
        return sum(group.count for group in groups), sum(group.size_bytes for group in groups)

    def _coarsened(self) -> int:
        """Make groups coarser, in the largest buckets first, until the limit is met. Return their number."""
        while (number := self._number()) > self.most:
            finer = [bucket for bucket in self.buckets.values() if bucket.level < LAST_LEVEL]
            if not finer:  # too many buckets or extensions
                self.most = 2 * number
            else:
                max(finer, key=lambda bucket: len(bucket.groups)).coarsen()
        return number

    def _number(self) -> int:
        return sum(len(bucket.groups) for bucket in self.buckets.values())


def magnitude(size_bytes: int) -> int:
    """Return the class of a size. Each class is 16 times larger: 0, up to 15 B, 255 B, 4 KiB, 64 KiB, 1
    MiB ...
    """
    return (size_bytes.bit_length() + _BITS - 1) // _BITS


def lines_of(bucket: Bucket) -> Iterator[tuple[Parts, Group]]:
    """Return the groups in a bucket sorted by key, small objects first."""
    for parts, size in sorted(bucket.groups):
        yield parts, bucket.groups[parts, size]
