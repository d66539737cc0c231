"""The objects in a moto S3 bucket, in the order in which S3 lists them.

The objects that a scenario declares are stored as a pattern until they are written to. Ten million objects
therefore need no more memory than one, and a page can be found without reading the previous pages.

Replaced in moto.s3.models: `_VersionedKeyStore`, a dictionary of key -> versions, newest last.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from heapq import merge
from itertools import islice, repeat
from typing import Any, Final, TypeAlias, cast
from weakref import WeakValueDictionary

from moto.s3 import models
from moto.s3.models import FakeDeleteMarker, FakeKey
from moto.s3.utils import _VersionedKeyStore

from harness.engine.moto.seeded_objects import SeededKey, SeededObjects

Versions: TypeAlias = list[FakeKey | FakeDeleteMarker]
Entry: TypeAlias = Versions | SeededObjects
"""The versions of an object, newest last. A seeded object has no stored versions until it is written to."""


def install() -> None:
    """Replace moto's store in this process."""
    cast(Any, models)._VersionedKeyStore = KeyStore


class KeyStore(_VersionedKeyStore):
    """The objects in one bucket."""

    def __init__(self) -> None:
        super().__init__()
        self._order: Final[list[str]] = []  # the keys of the dictionary
        self._patterns: Final[list[SeededObjects]] = []  # newest first
        self._made: Final = WeakValueDictionary[str, SeededKey]()

    def seed(self, objects: SeededObjects) -> None:
        """Add objects, and replace objects with the same keys."""
        if objects.names.count is None:
            self._store(objects.names.text, objects)
            return
        for name in [each for each in self._order if each in objects]:
            self.pop(name)
        self._patterns.insert(0, objects)

    def behind(self, start: str, *, inclusive: bool = False) -> Iterator[tuple[str, Entry]]:
        """Yield the objects after a key, sorted by the bytes of their keys.

        Python sorts strings in the same order.
        """
        begin = (bisect_left if inclusive else bisect_right)(self._order, start)
        blocks = [(each, names) for each in self._patterns for names in each.behind(start, inclusive)]
        if len(blocks) == 1 and begin == len(self._order):
            ((pattern, names),) = blocks
            return zip(names, repeat(pattern))
        return self._merged(begin, blocks)

    def _merged(
        self, begin: int, blocks: list[tuple[SeededObjects, Iterator[str]]]
    ) -> Iterator[tuple[str, Entry]]:
        """Merge written objects, starting at an index, with blocks of patterns.

        If several have the same key, the first one wins.
        """
        sources: list[Iterator[tuple[str, int, Entry]]] = [self._written(begin)]
        for number, (pattern, names) in enumerate(blocks, 1):
            sources.append(zip(names, repeat(number), repeat(pattern)))
        last = None
        for name, _, entry in merge(*sources) if len(sources) > 1 else sources[0]:
            if name != last:
                last = name
                yield name, entry

    def _written(self, begin: int) -> Iterator[tuple[str, int, Entry]]:
        for name in islice(self._order, begin, None):
            yield name, 0, dict.__getitem__(self, name)

    def keep(self, key: SeededKey) -> None:
        """Store a seeded object individually after a write to it."""
        self._store(key.name, [key])

    def _store(self, name: str, entry: Entry) -> None:
        if not dict.__contains__(self, name):
            insort(self._order, name)
            self._take_from_patterns(name)
        if not isinstance(entry, SeededObjects):
            for version in entry:
                if isinstance(version, SeededKey):
                    version.is_kept()
        dict.__setitem__(self, name, entry)

    def _take_from_patterns(self, name: str) -> bool:
        self._made.pop(name, None)
        return sum(pattern.remove(name) for pattern in self._patterns) > 0

    def _pattern_of(self, name: str) -> SeededObjects | None:
        return next((pattern for pattern in self._patterns if name in pattern), None)

    # The methods that moto calls.

    def __sgetitem__(self, key: str) -> Versions:
        entry = cast(Entry | None, dict.get(self, key)) or self._pattern_of(key)
        if entry is None:
            raise KeyError(key)
        return [self._key(key, entry)] if isinstance(entry, SeededObjects) else entry

    def _key(self, name: str, objects: SeededObjects) -> SeededKey:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = objects.key(name, self.keep)
        return made

    def __setitem__(self, key: str, value: FakeKey | FakeDeleteMarker) -> None:
        self._store(key, [*self.getlist(key, []), value])

    def setlist(self, key: str, list_: Versions) -> None:
        """Replace the versions of an object."""
        for version in self.getlist(key, []):
            if version not in list_ and isinstance(version, FakeKey):
                version.dispose()
        self._store(key, list(list_))

    def pop(self, key: str) -> None:  # type: ignore[override]
        """Remove an object and its versions. Raises KeyError."""
        if not dict.__contains__(self, key):
            if not self._take_from_patterns(key):
                raise KeyError(key)
            return
        super().pop(key)
        del self._order[bisect_left(self._order, key)]

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or self._pattern_of(str(key)) is not None

    def __len__(self) -> int:
        return len(self._order) + sum(map(len, self._patterns))

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.behind("", inclusive=True))

    _self_iterable = cast(Callable[[], dict[str, Any]], __iter__)

    def item_size(self) -> int:
        """Return the total size of all objects in bytes."""
        sizes = (key.size for key in self.values() if isinstance(key, FakeKey))
        return sum(sizes) + sum(pattern.size_bytes * len(pattern) for pattern in self._patterns)

    def values(self) -> Iterator[FakeKey | FakeDeleteMarker]:  # type: ignore[override]
        """Return the newest versions of objects that may hold an open file, so that moto can close them."""
        for entry in list(dict.values(self)):
            if not isinstance(entry, SeededObjects):
                yield entry[-1]
