"""Pairs what is expected with what was seen, in any order, so that what is left over explains itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

W = TypeVar("W")
S = TypeVar("S")


@dataclass(frozen=True)
class Unpaired(Generic[W, S]):
    """Those without a counterpart: each missing one with the nearest that is left (or None), and the rest."""

    missing: tuple[tuple[W, S | None], ...]
    extra: tuple[S, ...]


def pair(wanted: Sequence[W], seen: Sequence[S], distance: Callable[[W, S], int]) -> Unpaired[W, S]:
    """Pair equal ones (distance 0) first, as many as possible, then each other one with its nearest."""
    distances = [[distance(w, s) for s in seen] for w in wanted]
    taken: dict[int, int] = {}  # index of a seen one -> index of the wanted one

    def find(w: int, tried: set[int]) -> bool:
        """Pair `w`, if need be by giving another one a different counterpart."""
        fits = [s for s, far in enumerate(distances[w]) if far == 0 and s not in tried]
        for s in sorted(fits, key=lambda s: s in taken):
            tried.add(s)
            if s not in taken or find(taken[s], tried):
                taken[s] = w
                return True
        return False

    missing = [w for w in range(len(wanted)) if not find(w, set())]
    left = [s for s in range(len(seen)) if s not in taken]
    nearest: dict[int, int] = {}
    for _, w, s in sorted((distances[w][s], w, s) for w in missing for s in left):
        if w not in nearest and s not in nearest.values():
            nearest[w] = s
    return Unpaired(
        tuple((wanted[w], seen[nearest[w]] if w in nearest else None) for w in missing),
        tuple(seen[s] for s in left if s not in nearest.values()),
    )
