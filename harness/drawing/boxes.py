"""Lays out the states of a definition in layers. The states in a Parallel or Map state are inside its box."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from harness.coverage.edges import TRANSITIONS, Edge, edges_of
from harness.coverage.flat import FlatState, Key, Shape
from harness.drawing.layered import Point, layered
from harness.json_types import Json, as_dict

START: Final = "\0start"
END: Final = "\0end"
"""The names of the boxes before the first state and after the last. No state can have these names."""
LETTER: Final = 8.5
"""The average width of a character in a state's name."""
LONGEST: Final = 28
"""Maximum number of characters to draw for a name or label. The tooltip shows the full text."""
HEAD: Final = 44.0
"""Height of a state, and of the header of a state that contains others."""
_LEAST_WIDTH: Final = 112.0
_PADDING: Final = 12.0
_LEAST_AROUND: Final = 250.0
_LABEL: Final = 20.0
_DOT: Final = (20.0, 20.0)


@dataclass(frozen=True)
class Line:
    """A line from one state to the next, which represents all edges between them."""

    start: str
    end: str
    edges: tuple[Edge, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Box:
    """A state at its position in its frame, or START or END, whose `state` is None."""

    name: str
    state: FlatState | None
    at: Point
    size: Point
    inside: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Frame:
    """A workflow: the whole machine, a branch, or a Map's item processor. `at` is its position in the box."""

    start: str
    at: Point
    size: Point
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Sized:
    size: Point
    inside: tuple[Frame, ...] = ()


class Boxes:
    """Computes the layout of one shape."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._levels: dict[tuple[Key, ...], list[FlatState]] = {}
        for state in shape.states.values():
            self._levels.setdefault(state.keys[:-2], []).append(state)
        self._edges: dict[str, list[Edge]] = {}
        for edge in edges_of(shape):
            if edge.kind in TRANSITIONS:
                self._edges.setdefault(edge.state, []).append(edge)

    @cached_property
    def whole(self) -> Frame:
        """Return the frame for the whole machine, with its start and its end."""
        return self._frame((), ends=True)

    def _frame(self, level: tuple[Key, ...], *, ends: bool = False) -> Frame:
        start = self._shape.name(str(as_dict(_at(self._shape.definition, level)).get("StartAt")))
        states = {state.name: state for state in self._levels.get(level, ())}
        ordered = dict.fromkeys([*([start] if start in states else []), *states])
        sized: dict[str, _Sized] = {START: _Sized(_DOT)} if ends else {}
        sized |= {name: self._sized(states[name]) for name in ordered}
        to = self._lines_of(ordered, start, ends=ends)
        if any(end == END for _, end in to):
            sized[END] = _Sized(_DOT)
        placed = layered({name: each.size for name, each in sized.items()}, list(to), down=46)
        boxes = tuple(
            Box(name, states.get(name), placed.places[name], each.size, each.inside)
            for name, each in sized.items()
        )
        lines = tuple(Line(*link, to[link], points) for link, points in placed.lines.items())
        return Frame(start, (0, 0), (placed.width, placed.height), boxes, lines)

    def _lines_of(
        self, names: Mapping[str, None], start: str, *, ends: bool
    ) -> dict[tuple[str, str], tuple[Edge, ...]]:
        found: dict[tuple[str, str], tuple[Edge, ...]] = {(START, start): ()} if ends else {}
        for name in names:
            for edge in self._edges.get(name, ()):
                end = END if edge.kind == "end" else edge.to
                if end != END or ends:
                    found[name, end] = (*found.get((name, end), ()), edge)
            if ends and self._shape.states[name].type in ("Succeed", "Fail"):
                found[name, END] = ()
        return found

    def _sized(self, state: FlatState) -> _Sized:
        width = max(
            _LEAST_WIDTH, 44 + LETTER * max(drawn_width(state.name), 0.8 * drawn_width(kind_of(state)))
        )
        inside = [
            self._frame((*state.keys, *below))
            for below in _below(state)
            if (*state.keys, *below) in self._levels
        ]
        if not inside:
            return _Sized((width, HEAD))
        x, placed = _PADDING, list[Frame]()
        for frame in inside:
            placed.append(Frame(frame.start, (x, HEAD + _LABEL), frame.size, frame.boxes, frame.lines))
            x += frame.size[0] + _PADDING * 2
        height = HEAD + _LABEL + max(frame.size[1] for frame in inside) + _PADDING
        wide = max(width, x - _PADDING, _LEAST_AROUND)
        if wide > x - _PADDING and len(placed) == 1:
            only = placed[0]
            middle = (wide - only.size[0]) / 2
            placed = [Frame(only.start, (middle, only.at[1]), only.size, only.boxes, only.lines)]
        return _Sized((wide, height), tuple(placed))


def kind_of(state: FlatState) -> str:
    """Return a state's type with its most informative field: `Task · sns:publish`, `Wait · 30 s`."""
    resource = str(state.fields.get("Resource", ""))
    if ":function:" in resource:
        detail = "function " + resource.partition(":function:")[2].partition(":")[0]
    else:
        detail = resource.partition(":::")[2]
    seconds = state.fields.get("Seconds")
    if state.type == "Wait" and isinstance(seconds, int | float):
        detail = f"{seconds} s"
    return f"{state.type} · {detail}" if detail else state.type


def shortened(text: str, most: int = LONGEST) -> str:
    """Return the beginning of a string, followed by … if it is truncated."""
    return text if len(text) <= most else text[: most - 1] + "…"


def drawn_width(text: str) -> float:
    """Return the width of a string in characters. East Asian wide characters have a width of two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in shortened(text))


def _below(state: FlatState) -> list[tuple[Key, ...]]:
    branches = state.fields.get("Branches")
    found: list[tuple[Key, ...]] = [
        ("Branches", number) for number in range(len(branches) if isinstance(branches, list) else 0)
    ]
    return found + [(key,) for key in ("ItemProcessor", "Iterator") if key in state.fields]


def _at(value: Json, keys: tuple[Key, ...]) -> Json:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(str(key))
        elif isinstance(value, list) and isinstance(key, int):
            value = value[key]
    return value
