"""Draws the graph of a state machine as SVG: its states, marked by how they ended, and the ways taken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from harness.coverage.flat import Shape, shape_of
from harness.drawing.boxes import END, HEAD, START, Box, Boxes, Frame, Line, kind_of, shortened
from harness.drawing.elements import element, joined
from harness.drawing.ends import MARKS, WORDS, End, Seen, counted_ends, end_of, seen_states
from harness.drawing.folding import folded
from harness.drawing.labels import Labels, curve, label_of, title_of
from harness.json_types import JsonObject
from harness.observe.model import Execution
from harness.observe.tasks import track

_MARGIN: Final = 10.0
MOST_STATES: Final = 60
"""A definition with more states is drawn with those once that differ in a number of their names alone."""


def machine_graph(
    definition: str | JsonObject, execution: Execution | None = None, *, made: bool = False, anchor: str = ""
) -> Markup:
    """The graph of a machine, with how its states ended in an execution; each leads to its first visit.

    `made`: no template declares it, so states that differ in a number alone, and their branches, are drawn
    once; so are those of a very large one.
    """
    shape = shape_for(definition, made=made)
    drawing = _Drawing(shape, execution, anchor)
    whole = Boxes(shape).whole
    width, height = whole.size[0] + 2 * _MARGIN, whole.size[1] + 2 * _MARGIN
    picture = element(
        "svg",
        element("g", drawing.frame(whole), transform=f"translate({_MARGIN:.0f} {_MARGIN:.0f})"),
        class_="graph",
        width=round(width),
        height=round(height),
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        role="group",
        aria_label=f"Graph of the state machine: {len(shape.states)} states",
    )
    return element("div", picture, class_="wide", tabindex="0", role="region", aria_label="Graph")


def shape_for(definition: str | JsonObject, *, made: bool = False) -> Shape:
    """The states of a definition, as `machine_graph` draws them."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    shape = shape_of(text, merged=made)
    return shape if made or len(shape.states) <= MOST_STATES else shape_of(text, merged=True)


class _Drawing:
    def __init__(self, shape: Shape, execution: Execution | None, anchor: str) -> None:
        self._anchor = anchor
        shown = folded(execution).ids if anchor and execution is not None else frozenset[int]()
        self._seen = seen_states(execution, shape, shown)
        self._taken = _taken(execution, shape)

    def frame(self, frame: Frame) -> Markup:
        labels = Labels(frame)
        lines = joined(*(self._line(line, labels) for line in frame.lines))
        return lines + joined(*(self._box(box) for box in frame.boxes)) + labels.drawn

    def _line(self, line: Line, labels: Labels) -> Markup:
        taken = self._taken[line.start, line.end]
        caught = bool(line.edges) and all(edge.kind == "catch" for edge in line.edges)
        classes = " ".join(("line", *(["catch"] if caught else []), *(["taken"] if taken else [])))
        states = {box.name: box.state for box in labels.frame.boxes}
        state = states[line.start]
        label = label_of(line, state)
        if label:
            labels.place(line, label, taken=bool(taken))
        (x, y), up = line.points[-1], line.points[-1][1] < line.points[0][1]
        side = 7 if up else -7
        arrow = f"M{x:.0f} {y:.0f}l-4 {side}h8z"
        return element(
            "g",
            element("title", title_of(line, state, taken)),
            element("path", d=curve(line.points)),
            element("path", d=arrow, class_="arrow"),
            class_=classes,
        )

    def _box(self, box: Box) -> Markup:
        x, y = box.at
        if box.state is None:
            return _dot(box, entered=any(box.name in link for link, times in self._taken.items() if times))
        seen = self._seen.get(box.name, Seen())
        width, height = box.size
        kind, times = kind_of(box.state), seen.ends.total()
        tries = f" · {seen.tries} tries" if seen.tries > 1 else ""
        below = shortened(kind) + (f" \u00d7{times:,}" if times > 1 else "") + tries
        words = f"{box.name}: {kind}: {seen.words}{tries}"
        head = joined(
            element("title", words),
            element("rect", width=round(width), height=round(height), rx=6),
            element("text", MARKS[seen.worst], x=12, y=20, class_="mark"),
            element("text", shortened(box.name), x=30, y=19),
            element("text", below, x=30, y=35, class_="small"),
        )
        if self._anchor and seen.first:
            head = element("a", head, href=f"#{self._anchor}-{seen.first}", aria_label=words)
        inside = joined(*(self._inside(frame, seen, box.state.type) for frame in box.inside))
        return element(
            "g",
            head,
            inside,
            class_=f"state {seen.worst}{' box' if box.inside else ''}",
            transform=f"translate({x:.0f} {y:.0f})",
        )

    def _inside(self, frame: Frame, seen: Seen, kind: str) -> Markup:
        ends = seen.branches.get(frame.start, Counter[End]())
        text = branches_in_words(ends, kind) if kind == "Map" or ends.total() > 1 else ""
        failed = [name for name in seen.failed_branches if text and ends["failed"]]
        x, y = frame.at
        return joined(
            element(
                "text",
                element("title", f"{text}; among them {', '.join(failed)}") if failed else None,
                shortened(text, 60),
                x=round(x),
                y=round(HEAD + 12),
                class_="small",
            )
            if text
            else None,
            element("g", self.frame(frame), transform=f"translate({x:.0f} {y:.0f})"),
        )


def branches_in_words(ends: Mapping[End, int], kind: str) -> str:
    """The branches of a Parallel state, or the iterations of a Map: `1,000 branches alike: 3 failed`."""
    number = sum(ends.values())
    if not number:
        return "no iteration" if kind == "Map" else ""
    many, one = ("iterations", "iteration") if kind == "Map" else ("branches alike", "branch")
    return f"{number:,} {one if number == 1 else many}: {counted_ends(ends)}"


def legend() -> Markup:
    """The marks with their words."""
    items = (element("li", element("b", MARKS[end], class_=end), f" {WORDS[end]}") for end in MARKS)
    return element("ul", joined(*items), class_="legend")


def _dot(box: Box, *, entered: bool) -> Markup:
    x, y = box.at[0] + box.size[0] / 2, box.at[1] + box.size[1] / 2
    classes = "dot taken" if entered else "dot"
    ring = element("circle", cx=round(x), cy=round(y), r=9) if box.name == END else None
    core = element("circle", cx=round(x), cy=round(y), r=9 if box.name == START else 5, class_="core")
    title = element("title", "Start" if box.name == START else "End")
    return element("g", title, ring, core, class_=classes)


def _taken(execution: Execution | None, shape: Shape) -> Counter[tuple[str, str]]:
    """The number of times that each way was taken, by names in the shape."""
    found: Counter[tuple[str, str]] = Counter()
    if execution is None:
        return found
    branches = [track(execution).root]
    for branch in branches:  # it grows meanwhile
        before = START
        for visit in branch.visits:
            name = shape.name(visit.name)
            found[before, name] += 1
            before = name
            branches += visit.branches
        if branch.visits:
            over = end_of(branch.visits[-1], execution) not in ("running", "stopped")
            fell = (
                over
                and branch.visits[-1].exited is None
                and branch.visits[-1].kind not in ("Fail", "Succeed")
            )
            if over and not fell:
                found[before, END] += 1
    return found
