"""Draws the graph of a state machine as SVG: its states, marked by their ends, and the paths taken.

A picture has two parts. The skeleton is the machine: boxes, names, lines, labels. It is the same for all
executions, and occurs only once on a page with many executions. The rest is drawn over it for each
execution.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from typing import Final

from markupsafe import Markup

from harness.coverage.flat import Shape, shape_of
from harness.drawing.boxes import END, HEAD, START
from harness.drawing.elements import element, joined
from harness.drawing.ends import MARKS, WORDS, End, Seen, counted_ends, seen_states
from harness.drawing.folding import folded
from harness.drawing.skeleton import Placed, Skeleton, look_of
from harness.json_types import JsonObject
from harness.observe.model import Execution
from harness.observe.tasks import track

MOST_STATES: Final = 60
"""In a definition with more states than this, states whose names differ only in a number are drawn once."""


class Graphs:
    """The graphs on one page. The page must also contain `skeletons`. `prefix` is the prefix of their IDs."""

    def __init__(self, prefix: str = "graph") -> None:
        self._prefix = prefix
        self._known: dict[Hashable, Skeleton] = {}

    @property
    def skeletons(self) -> Markup:
        """The parts that all pictures share. They are not visible themselves."""
        return joined(*(each.drawn for each in self._known.values()))

    def graph(
        self,
        definition: str | JsonObject,
        execution: Execution | None = None,
        *,
        made: bool = False,
        anchor: str = "",
    ) -> Markup:
        """Return the graph of a machine, with how each state ended in an execution; see `machine_graph`."""
        shape = shape_for(definition, made=made)
        key = look_of(shape)
        if key not in self._known:
            self._known[key] = Skeleton(shape, f"{self._prefix}{len(self._known) + 1}")
        return _Picture(self._known[key], shape, execution, anchor).drawn()


def machine_graph(
    definition: str | JsonObject, execution: Execution | None = None, *, made: bool = False, anchor: str = ""
) -> Markup:
    """Return the graph of a machine, with how each state ended in an execution and links to the first visits.

    `made` is true if no template declares the machine. States whose names differ only in a number, and their
    branches, are then drawn once, as in a very large machine. Several graphs on one page need different
    anchors, or `Graphs`.
    """
    graphs = Graphs(f"graph-{anchor}-")
    picture = graphs.graph(definition, execution, made=made, anchor=anchor)
    return graphs.skeletons + picture


def shape_for(definition: str | JsonObject, *, made: bool = False) -> Shape:
    """Return the states in a definition as drawn by `machine_graph`."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    shape = shape_of(text, merged=made)
    return shape if made or len(shape.states) <= MOST_STATES else shape_of(text, merged=True)


def branches_in_words(ends: Mapping[End, int], kind: str) -> str:
    """Describe the branches of a Parallel, or the iterations of a Map: `1,000 similar branches: 3 failed`."""
    number = sum(ends.values())
    if not number:
        return "no iteration" if kind == "Map" else ""
    many, one = ("iterations", "iteration") if kind == "Map" else ("similar branches", "branch")
    return f"{number:,} {one if number == 1 else many}: {counted_ends(ends)}"


def legend(*more: Markup) -> Markup:
    """Return the symbols with their meanings, and additional items."""
    items = (element("li", element("b", MARKS[end], class_=end), f" {WORDS[end]}") for end in MARKS)
    return element("ul", joined(*items), *more, class_="legend")


class _Picture:
    def __init__(self, skeleton: Skeleton, shape: Shape, execution: Execution | None, anchor: str) -> None:
        self._skeleton = skeleton
        self._anchor = anchor
        shown = folded(execution).ids if anchor and execution is not None else frozenset[int]()
        self._seen = seen_states(execution, shape, shown)
        self._taken = _taken(execution, shape)

    def drawn(self) -> Markup:
        key, (width, height) = self._skeleton.key, self._skeleton.size
        seen = [
            (each, self._seen[each.box.name]) for each in self._skeleton.placed if each.box.name in self._seen
        ]
        picture = element(
            "svg",
            element("use", href=f"#{key}-boxes"),
            *(_colour(placed, state) for placed, state in seen),
            *(
                element("use", href=f"#{key}-{number}", class_="taken")
                for number, line in enumerate(self._skeleton.lines)
                if self._taken[line.start, line.end]
            ),
            element("use", href=f"#{key}-words", class_="over"),
            *(part for placed, state in seen for part in self._over(placed, state)),
            class_="graph",
            width=round(width),
            height=round(height),
            viewBox=f"0 0 {width:.0f} {height:.0f}",
            role="group",
            aria_label=f"Graph of the state machine: {len(self._skeleton.placed)} states",
        )
        return element("div", picture, class_="wide", tabindex="0", role="group", aria_label="Graph")

    def _over(self, placed: Placed, seen: Seen) -> Iterator[Markup]:
        box, (x, y) = placed.box, placed.at
        yield element(
            "text", MARKS[seen.worst], x=round(x + 10), y=round(y + 20), class_=f"mark {seen.worst}"
        )
        times, tries = seen.ends.total(), seen.tries
        notes = [f"\u00d7{times:,}"] * (times > 1) + [f"{tries} tries"] * (tries > 1)
        if notes:
            right, text = round(x + box.size[0] - 6), " · ".join(notes)
            yield element("text", text, x=right, y=round(y - 4), class_="small count")
        kind = box.state.type if box.state is not None else ""
        for frame in box.inside:
            ends = seen.branches.get(frame.start, Counter[End]())
            if kind == "Map" or ends.total() > 1:
                named = f"; including {', '.join(seen.failed_branches)}" if ends["failed"] else ""
                text = branches_in_words(ends, kind)
                title = element("title", text + named) if named else None
                place = {"x": round(x + frame.at[0]), "y": round(y + HEAD + 12)}
                yield element("text", title, text, class_="small", **place)
        if self._anchor and seen.first:
            words = f"{box.name}: {seen.words}"
            size = {"width": round(box.size[0]), "height": round(HEAD if box.inside else box.size[1])}
            hit = element("rect", x=round(x), y=round(y), rx=6, class_="hit", **size)
            link = f"#{self._anchor}-{seen.first}"
            yield element("a", element("title", words), hit, href=link, aria_label=words)


def _colour(placed: Placed, seen: Seen) -> Markup:
    (x, y), (width, height) = placed.at, placed.box.size
    end = f"{seen.worst} box" if placed.box.inside else seen.worst
    return element(
        "rect",
        element("title", seen.words),
        x=round(x),
        y=round(y),
        width=round(width),
        height=round(height),
        rx=6,
        class_=f"s {end}",
    )


def _taken(execution: Execution | None, shape: Shape) -> Counter[tuple[str, str]]:
    """Return how many times each path was taken, by names in the shape."""
    found: Counter[tuple[str, str]] = Counter()
    branches = [track(execution).root] if execution is not None else []
    for branch in branches:  # the list grows during the loop
        before = START
        for visit in branch.visits:
            name = shape.name(visit.name)
            found[before, name] += 1
            before = name
            branches += visit.branches
        last = branch.visits[-1] if branch.visits else None
        if last is not None and (last.exited is not None or last.kind in ("Fail", "Succeed")):
            found[before, END] += 1
    return found
