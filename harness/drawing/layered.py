"""Places boxes in layers, so that lines lead downwards: the method of Sugiyama, Tagawa and Toda (1981).

Lines that would close a cycle are reversed. Each box gets a layer below its predecessors. A line that spans
several layers gets a bend in each. Each layer is sorted by the mean position of the neighbours. Then each box
moves as close to the position directly below its neighbours as the distances allow. The result is
deterministic.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Point = tuple[float, float]
Link = tuple[str, str]
Name = str | int
_SWEEPS: Final = 8
_BEND_WIDTH: Final = 8.0


@dataclass(frozen=True)
class Layout:
    """A finished layout: the top left corner of each box by name, and each line as points from one box to
    another.
    """

    places: Mapping[str, Point]
    lines: Mapping[Link, tuple[Point, ...]]
    width: float
    height: float


def layered(
    sizes: Mapping[str, Point], links: Sequence[Link], *, across: float = 28, down: float = 40
) -> Layout:
    """Place boxes with these widths and heights. The first box is the start.

    `across` and `down` are the minimum distances between boxes in a layer, and between layers.
    """
    if not sizes:
        return Layout({}, {}, 0, 0)
    wanted = [link for link in dict.fromkeys(links) if link[0] != link[1] and set(link) <= set(sizes)]
    turned = _turned(list(sizes), wanted)
    ranks = _ranks(list(sizes), [link[::-1] if link in turned else link for link in wanted])
    layers = _Layers(ranks, wanted, turned)
    order = layers.ordered()
    widths = {name: sizes[name][0] if isinstance(name, str) else _BEND_WIDTH for name in layers.rank}
    centres = _centres(order, layers, widths, across)
    heights = [max((sizes[n][1] for n in layer if isinstance(n, str)), default=0) for layer in order]
    tops = [sum(heights[:rank]) + down * rank for rank in range(len(heights))]
    left = min(centres[name] - widths[name] / 2 for name in centres)
    x = {name: centre - left for name, centre in centres.items()}
    places = {
        name: (x[name] - size[0] / 2, tops[ranks[name]] + (heights[ranks[name]] - size[1]) / 2)
        for name, size in sizes.items()
    }
    lines: dict[Link, tuple[Point, ...]] = {}
    for link in wanted:
        upper, *bends, lower = layers.chains[link]
        points: list[Point] = [(x[upper], places[str(upper)][1] + sizes[str(upper)][1])]
        for bend in bends:
            rank = layers.rank[bend]
            points += [(x[bend], tops[rank]), (x[bend], tops[rank] + heights[rank])]
        points.append((x[lower], places[str(lower)][1]))
        lines[link] = tuple(reversed(points)) if link in turned else tuple(points)
    width = max(x[name] + widths[name] / 2 for name in x)
    return Layout(places, lines, width, tops[-1] + heights[-1])


def _turned(names: Sequence[str], links: Sequence[Link]) -> set[Link]:
    """Return the links that lead back to a box on the path to them, and so close a cycle."""
    to: dict[str, list[str]] = {name: [] for name in names}
    for start, end in links:
        to[start].append(end)
    found: set[Link] = set()
    done: set[str] = set()
    for name in names:
        way: dict[str, int] = {}  # box on the current path -> its next link
        if name not in done:
            way[name] = 0
        while way:
            here = next(reversed(way))
            if way[here] == len(to[here]):
                done.add(here)
                del way[here]
                continue
            there = to[here][way[here]]
            way[here] += 1
            if there in way:
                found.add((here, there))
            elif there not in done:
                way[there] = 0
    return found


def _ranks(names: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """Return the layer of each box: one below its lowest predecessor."""
    ranks = dict.fromkeys(names, 0)
    waits = dict.fromkeys(names, 0)
    to: dict[str, list[str]] = {name: [] for name in names}
    for start, end in links:
        waits[end] += 1
        to[start].append(end)
    free = [name for name in names if not waits[name]]
    for name in free:  # the list grows during the loop
        for end in to[name]:
            ranks[end] = max(ranks[end], ranks[name] + 1)
            waits[end] -= 1
            if not waits[end]:
                free.append(end)
    return ranks


class _Layers:
    """Boxes and bends (which are numbers) with their layers, and the neighbours above and below each."""

    def __init__(self, ranks: Mapping[str, int], links: Sequence[Link], turned: set[Link]) -> None:
        self.rank: dict[Name, int] = {name: rank for name, rank in ranks.items()}  # noqa: C416
        self.chains: dict[Link, tuple[Name, ...]] = {}
        self.above: dict[Name, list[Name]] = {name: [] for name in ranks}
        self.below: dict[Name, list[Name]] = {name: [] for name in ranks}
        for link in links:
            upper, lower = link[::-1] if link in turned else link
            chain: list[Name] = [upper]
            for rank in range(ranks[upper] + 1, ranks[lower]):
                bend = len(self.rank)
                self.rank[bend], self.above[bend], self.below[bend] = rank, [], []
                chain.append(bend)
            chain.append(lower)
            for one, other in pairwise(chain):
                self.below[one].append(other)
                self.above[other].append(one)
            self.chains[link] = tuple(chain)

    def ordered(self) -> list[list[Name]]:
        """Return each layer from left to right, in the order with the fewest crossings found."""
        order: list[list[Name]] = [[] for _ in range(max(self.rank.values()) + 1)]
        for name, rank in self.rank.items():
            order[rank].append(name)
        best, least = [list(layer) for layer in order], self._crossings(order)
        for sweep in range(_SWEEPS):
            if not least:
                break
            downwards = sweep % 2 == 0
            ranks = range(1, len(order)) if downwards else range(len(order) - 2, -1, -1)
            for rank in ranks:
                beside = order[rank - 1 if downwards else rank + 1]
                self._sort(order[rank], beside, self.above if downwards else self.below)
            if (crossings := self._crossings(order)) < least:
                best, least = [list(layer) for layer in order], crossings
        return best

    def _sort(self, layer: list[Name], beside: list[Name], near: Mapping[Name, list[Name]]) -> None:
        at = {name: place for place, name in enumerate(beside)}
        own = {name: float(place) for place, name in enumerate(layer)}
        means = {n: sum(at[m] for m in near[n]) / len(near[n]) if near[n] else own[n] for n in layer}
        layer.sort(key=means.__getitem__)

    def _crossings(self, order: Sequence[Sequence[Name]]) -> int:
        number = 0
        for upper, lower in pairwise(order):
            at = {name: place for place, name in enumerate(lower)}
            ends: list[int] = []
            for name in upper:
                mine = sorted(at[end] for end in self.below[name])
                number += sum(len(ends) - bisect_right(ends, end) for end in mine)
                for end in mine:
                    insort(ends, end)
        return number


def _centres(
    order: Sequence[Sequence[Name]], layers: _Layers, widths: Mapping[Name, float], across: float
) -> dict[Name, float]:
    """Return each box's centre, as close to the mean of its neighbours as the order and distances allow."""
    centres: dict[Name, float] = {}
    for layer in order:
        at = 0.0
        for name in layer:
            centres[name] = at + widths[name] / 2
            at += widths[name] + across
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for layer in order if downwards else reversed(order):
            near = layers.above if downwards else layers.below
            if sweep >= _SWEEPS - 2:  # the last pass uses both sides
                near = {name: layers.above[name] + layers.below[name] for name in layer}
            wanted = [
                sum(centres[n] for n in near[name]) / len(near[name]) if near[name] else centres[name]
                for name in layer
            ]
            gaps = [0.0]
            for one, other in pairwise(layer):
                gaps.append(gaps[-1] + (widths[one] + widths[other]) / 2 + across)
            rising = _rising([want - gap for want, gap in zip(wanted, gaps, strict=True)])
            centres |= {n: value + gap for n, value, gap in zip(layer, rising, gaps, strict=True)}
    return centres


def _rising(values: Sequence[float]) -> list[float]:
    """Return the closest non-decreasing values (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        mean, number = value, 1
        while pools and pools[-1][0] > mean:
            other, size = pools.pop()
            mean, number = (mean * number + other * size) / (number + size), number + size
        pools.append((mean, number))
    return [mean for mean, number in pools for _ in range(number)]
