"""Objects that a scenario declares, with one key pattern, one size and one content."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from hashlib import md5
from typing import Final

from moto.core.utils import iso_8601_datetime_without_milliseconds_s3, utcnow
from moto.s3.models import FakeBucket, FakeKey

from harness.buckets import SeededObject
from harness.numbered import Pattern

READABLE: Final = 64 * 1024 * 1024
_COUNTED: Final = "_tick"
"""The attribute of moto's key object that counts reads."""


class SeededKey(FakeKey):
    """An object with a declared size.

    It is listed and described with that size. Its content is zeros (up to 64 MiB).

    It is created when it is needed, and then discarded. If an attribute is changed, `keep` is called.
    """

    _keep: Callable[[SeededKey], None] | None = None

    def __init__(self, name: str, objects: SeededObjects, keep: Callable[[SeededKey], None]) -> None:
        bucket = objects.bucket
        super().__init__(
            name=name,
            value=b"",
            account_id=bucket.account_id,
            region_name=bucket.region_name,
            bucket_name=bucket.name,
            etag=objects.etag(name),
        )
        self._body, self.contentsize = objects.body, objects.size_bytes
        self.last_modified = objects.moment
        self._keep = keep

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name not in (_COUNTED, "disposed") and (keep := self._keep) is not None:
            keep(self)

    def is_kept(self) -> None:
        """Mark the object as individually stored."""
        self.__dict__["_keep"] = None

    def __del__(self) -> None:
        self.dispose()

    @property
    def value(self) -> bytes:
        """The content.

        Raises ValueError if only the size is declared and the content is too large to generate.
        """
        if self._body is not None:
            return self._body
        if self.contentsize > READABLE:
            raise ValueError(f"{self.name} has a declared size of {self.contentsize} bytes and no content")
        return bytes(self.contentsize)

    @value.setter
    def value(self, new_value: bytes) -> None:
        self._body, self.contentsize = new_value, len(new_value)


class SeededObjects:
    """Seeded objects that have not been written to.

    Attributes:
        names: the keys, including keys that were removed or written to.
        size_bytes: the size of each object.
        body: the content of each object. None if only its size is declared.
    """

    def __init__(self, declared: SeededObject, bucket: FakeBucket) -> None:
        self.names: Final = declared.keys
        self.size_bytes: Final = declared.size_bytes
        self.body: Final = declared.body
        self.bucket: Final = bucket
        self.moment: Final = utcnow()
        self._blocks: Final = [_Block(self.names, low, high) for low, high in self.names.blocks()]

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def __contains__(self, name: str) -> bool:
        number = self.names.number_of(name)
        return number is not None and any(number in block for block in self._blocks)

    def remove(self, name: str) -> bool:
        """Remove a key. Return whether it existed."""
        number = self.names.number_of(name)
        return number is not None and any(block.remove(number) for block in self._blocks)

    def behind(self, start: str, inclusive: bool) -> list[Iterator[str]]:
        """Return the keys starting at this one, as several sorted iterators to merge."""
        return [block.behind(start, inclusive) for block in self._blocks]

    def key(self, name: str, keep: Callable[[SeededKey], None]) -> SeededKey:
        """Return the moto object for a key."""
        return SeededKey(name, self, keep)

    def etag(self, name: str) -> str:
        """Return the entity tag in hexadecimal digits, without quotation marks."""
        text = f"{name}:{self.size_bytes}".encode() if self.body is None else self.body
        return md5(text, usedforsecurity=False).hexdigest()

    @cached_property
    def modified(self) -> str:
        """The time of seeding, in the format of object lists."""
        return str(iso_8601_datetime_without_milliseconds_s3(self.moment))


class _Block:
    """The numbers in a key pattern whose keys are sorted in the same order as the numbers.

    `_runs` contains the remaining numbers.
    """

    def __init__(self, names: Pattern, low: int, high: int) -> None:
        self._at: Final = names.at
        self._all: Final = range(low, high + 1)
        self._runs: Final = [self._all]

    def __len__(self) -> int:
        return sum(map(len, self._runs))

    def __contains__(self, number: int) -> bool:
        return number in self._run_of(number)[1]

    def _run_of(self, number: int) -> tuple[int, range]:
        """Return the run that contains or would contain a number, preceded by its index."""
        place = bisect_right(self._runs, number, key=lambda run: run.start) - 1
        return place, self._runs[place] if place >= 0 else range(0)

    def remove(self, number: int) -> bool:
        """Remove a number. Return whether it existed."""
        place, run = self._run_of(number)
        if number not in run:
            return False
        rest = [range(run.start, number), range(number + 1, run.stop)]
        self._runs[place : place + 1] = [each for each in rest if each]
        return True

    def behind(self, start: str, inclusive: bool) -> Iterator[str]:
        """Yield the names in order, starting at this one."""
        bisect = bisect_left if inclusive else bisect_right
        first = self._all.start + bisect(self._all, start, key=self._at)
        place, run = self._run_of(first)
        if place >= 0:
            yield from map(self._at, range(first, max(run.stop, first)))
        while (place := place + 1) < len(self._runs):
            yield from map(self._at, self._runs[place])
