"""Draws the part of a state machine's graph that all executions share: boxes, lines and text."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from harness.coverage.edges import TRANSITIONS, edges_of
from harness.coverage.flat import Shape
from harness.drawing.boxes import END, START, Box, Boxes, Frame, Line, kind_of, shortened
from harness.drawing.elements import element
from harness.drawing.labels import Labels, curve, label_of, title_of
from harness.drawing.layered import Point

_MARGIN: Final = 10.0


def look_of(shape: Shape) -> Hashable:
    """Return a value that is equal for shapes with the same graph."""
    states = tuple((s.name, s.keys, kind_of(s), str(s.fields.get("Choices"))) for s in shape.states.values())
    edges = tuple((edge.id, edge.to) for edge in edges_of(shape) if edge.kind in TRANSITIONS)
    return states, edges, str(shape.definition.get("StartAt"))


@dataclass(frozen=True)
class Placed:
    """A box with its position in the whole picture."""

    box: Box
    at: Point


class Skeleton:
    """The graph of a shape. Its IDs are `<key>-boxes`, `<key>-words`, and `<key>-<number of a line>`."""

    def __init__(self, shape: Shape, key: str) -> None:
        whole = Boxes(shape).whole
        self.key = key
        self.size: Point = (whole.size[0] + 2 * _MARGIN, whole.size[1] + 2 * _MARGIN)
        self.placed: list[Placed] = []
        self.lines: list[Line] = []
        self._boxes: list[Markup] = []
        self._words: list[Markup] = []
        self._frame(whole, (_MARGIN, _MARGIN))

    @property
    def drawn(self) -> Markup:
        """Return the parts with their IDs. They are invisible until they are used."""
        parts = element(
            "defs",
            element("g", *self._boxes, class_="boxes", id=f"{self.key}-boxes"),
            element("g", *self._words, id=f"{self.key}-words"),
        )
        return element("svg", parts, width=0, height=0, class_="parts", aria_hidden="true")

    def _frame(self, frame: Frame, at: Point) -> None:
        labels = Labels(frame)
        states = {box.name: box.state for box in frame.boxes}
        for box in frame.boxes:
            place = at[0] + box.at[0], at[1] + box.at[1]
            self._box(Placed(box, place))
            for inside in box.inside:
                self._frame(inside, (place[0] + inside.at[0], place[1] + inside.at[1]))
        for line in frame.lines:
            state = states[line.start]
            moved = Line(line.start, line.end, line.edges, tuple(_plus(at, point) for point in line.points))
            self._boxes.append(self._line(moved, title_of(line, state)))
            self.lines.append(moved)
            if text := label_of(line, state):
                self._words.append(labels.placed(line, text, at))

    def _line(self, line: Line, title: str) -> Markup:
        caught = bool(line.edges) and all(edge.kind == "catch" for edge in line.edges)
        (x, y), upwards = line.points[-1], line.points[-1][1] < line.points[0][1]
        return element(
            "g",
            element("title", title),
            element("path", d=curve(line.points), class_="l catch" if caught else "l"),
            element("path", d=f"M{x:.0f} {y:.0f}l-4 {7 if upwards else -7}h8z", class_="arrow"),
            id=f"{self.key}-{len(self.lines)}",
        )

    def _box(self, placed: Placed) -> None:
        box, (x, y), (width, height) = placed.box, placed.at, placed.box.size
        if box.state is None:
            self._boxes.append(_dot(box.name, (x + width / 2, y + height / 2)))
            return
        self.placed.append(placed)
        self._boxes.append(
            element("rect", x=round(x), y=round(y), width=round(width), height=round(height), rx=6)
        )
        self._words += _words(box, (x, y))


def _words(box: Box, at: Point) -> Iterator[Markup]:
    assert box.state is not None, "it is not a start or end"
    x, y = at
    name, kind = shortened(box.name), kind_of(box.state)
    whole = element("title", box.name) if name != box.name else None
    yield element("text", whole, name, x=round(x + 28), y=round(y + 19))
    yield element("text", shortened(kind), x=round(x + 28), y=round(y + 35), class_="small")


def _dot(name: str, centre: Point) -> Markup:
    x, y = round(centre[0]), round(centre[1])
    ring = element("circle", cx=x, cy=y, r=9, class_="ring") if name == END else None
    core = element("circle", cx=x, cy=y, r=9 if name == START else 5)
    return element("g", element("title", "Start" if name == START else "End"), ring, core)


def _plus(one: Point, other: Point) -> Point:
    return one[0] + other[0], one[1] + other[1]
