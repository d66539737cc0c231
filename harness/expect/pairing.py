"""Pair expected items with observed items in any order, so that the unpaired items explain the difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Generic, Protocol, TypeVar

from harness.expect.bits import Bits, bits_of, bits_where, first_of, places_of

W = TypeVar("W")
S = TypeVar("S")


@dataclass(frozen=True)
class Unpaired(Generic[W, S]):
    """Unpaired items: each missing item with the closest unpaired one (or None), and the rest."""

    missing: tuple[tuple[W, S | None], ...]
    extra: tuple[S, ...]


class Far(Protocol):
    """Distances of the observed items from an expected item, as in `harness.expect.bits.Distances`."""

    def nearest(self, among: Bits) -> tuple[int, int] | None:
        """Return the smallest distance between positions in a set, and the first position with that distance;
        None if empty.
        """


def pair(wanted: Sequence[W], seen: Sequence[S], distance: Callable[[W, S], int]) -> Unpaired[W, S]:
    """Pair as many equal items (distance 0) as possible, then pair each remaining item with its closest.

    Every expected item is compared with every observed one. `pair_places` avoids this.
    """
    rows = [_Row([distance(w, s) for s in seen]) for w in wanted]
    left = pair_places(len(rows), len(seen), lambda w: rows[w].equal, lambda w: rows[w])
    return Unpaired(
        tuple((wanted[w], None if s is None else seen[s]) for w, s in left.missing),
        tuple(seen[s] for s in left.extra),
    )


def pair_places(
    wanted: int, seen: int, fitting: Callable[[int], Bits], distances: Callable[[int], Far]
) -> Unpaired[int, int]:
    """Pair by position, with the same result as `pair`. `wanted` and `seen` are item counts.

    `fitting` returns the observed items that match an expected one. `distances` returns the distances of all
    observed items from an expected one, and is called only for missing items.
    """
    pairs = _Pairs((1 << seen) - 1, fitting)
    missing = [w for w in range(wanted) if not pairs.add(w)]
    left = ((1 << seen) - 1) & ~pairs.taken
    nearest = pair_nearest(missing, left, distances)
    left &= ~bits_of(tuple(nearest.values()))
    return Unpaired(tuple((w, nearest.get(w)) for w in missing), tuple(places_of(left)))


def pair_nearest(missing: Iterable[int], left: Bits, distances: Callable[[int], Far]) -> dict[int, int]:
    """Pair expected items with the remaining items, closest pairs first. If distances are equal, the first
    item wins.
    """
    far = {w: distances(w) for w in missing} if left else {}
    waiting = [(found[0], w, found[1]) for w in far if (found := far[w].nearest(left)) is not None]
    heapify(waiting)
    nearest: dict[int, int] = {}
    while waiting:
        _, w, place = heappop(waiting)
        if left >> place & 1:
            nearest[w] = place
            left &= ~(1 << place)
        elif (found := far[w].nearest(left)) is not None:  # a different item was closer to that one
            heappush(waiting, (found[0], w, found[1]))
    return nearest


class _Row:
    """Distances of all observed items from an expected item, as numbers."""

    def __init__(self, distances: Sequence[int]) -> None:
        self._distances = distances
        self._order = iter(sorted(range(len(distances)), key=distances.__getitem__))
        self._place = next(self._order, None)

    @property
    def equal(self) -> Bits:
        """Return the positions at distance 0."""
        return bits_where([distance == 0 for distance in self._distances])

    def nearest(self, among: Bits) -> tuple[int, int] | None:
        """Implement `Far`. The positions in each call are a subset of the positions in the previous call."""
        while self._place is not None and not among >> self._place & 1:
            self._place = next(self._order, None)
        return None if self._place is None else (self._distances[self._place], self._place)


class _Pairs:
    """Return the counterparts of expected items. An item gives up its counterpart if it has another match."""

    def __init__(self, all_seen: Bits, fitting: Callable[[int], Bits]) -> None:
        self.taken: Bits = 0
        self._all = all_seen
        self._fitting = fitting
        self._fits: dict[int, Bits] = {}
        self._owner: dict[int, int] = {}  # position of an observed item -> the expected item
        self._in_vain: Bits = 0  # items visited when none was free: none of them will ever be free

    def add(self, wanted: int) -> bool:
        """Pair an expected item, reassigning other items' counterparts if necessary. Return whether this
        succeeded.
        """
        tried = self._in_vain
        self._fits[wanted] = self._fitting(wanted)
        way = [wanted]  # a chain in which each item takes the counterpart of the next
        given: list[int] = []
        while way:
            open_ = self._fits[way[-1]] & self._all & ~tried
            if free := open_ & ~self.taken:
                given.append(first_of(free))
                self._give(way, given)
                return True
            if not open_:
                way.pop()
                if given:
                    given.pop()
                continue
            place = first_of(open_)
            tried |= 1 << place
            given.append(place)
            way.append(self._owner[place])
        self._in_vain = tried
        return False

    def _give(self, way: list[int], given: list[int]) -> None:
        for wanted, place in zip(way, given, strict=True):
            self._owner[place] = wanted
        self.taken |= 1 << given[-1]
