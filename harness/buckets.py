"""Buckets and objects that exist before a run. A scenario declares them, and an engine creates them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.numbered import Pattern


@dataclass(frozen=True, slots=True)
class SeededObject:
    """One object, or `count` objects with a counter in their key.

    `body` is None when only the size of each object is declared.
    """

    key: str
    size_bytes: int
    body: bytes | None
    count: int | None = None

    @property
    def keys(self) -> Pattern:
        """Return all keys that this entry stands for."""
        return Pattern(self.key, self.count)


@dataclass(frozen=True)
class SeededBucket:
    """A bucket and its objects."""

    name: str
    objects: Sequence[SeededObject]

    def each(self) -> Iterator[tuple[str, int, bytes | None]]:
        """Yield the key, the size in bytes and the body of each object. There can be many, so do not store
        them.
        """
        for objects in self.objects:
            for key in objects.keys:
                yield key, objects.size_bytes, objects.body
