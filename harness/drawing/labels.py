"""Lines in a graph: their curves, and their labels, which are placed where they do not cover anything."""

from __future__ import annotations

import json
from typing import Final

from markupsafe import Markup

from harness.coverage.edges import Edge
from harness.coverage.flat import FlatState
from harness.drawing.boxes import START, Frame, Line, drawn_width, shortened
from harness.drawing.elements import element
from harness.drawing.layered import Point
from harness.json_types import Json, JsonObject, as_dict

_ALONG: Final = (0.5, 0.66, 0.34, 0.8, 0.2)
_SMALL: Final = 6.7
_LONGEST: Final = 26
_SIGNS: Final = {
    "Equals": "=",
    "LessThan": "<",
    "LessThanEquals": "≤",
    "GreaterThan": ">",
    "GreaterThanEquals": "≥",
}
_Area = tuple[float, float, float, float]


class Labels:
    """The positions of the labels in one frame."""

    def __init__(self, frame: Frame) -> None:
        self._full: list[_Area] = [
            (*box.at, box.at[0] + box.size[0], box.at[1] + box.size[1]) for box in frame.boxes
        ]

    def placed(self, line: Line, text: str, origin: Point) -> Markup:
        """Return a label at the first free position along a line. The frame begins at `origin`."""
        shown = shortened(text, _LONGEST)
        half = drawn_width(shown) * _SMALL / 2
        places = [_between(line.points, part) for part in _ALONG]
        areas = [(x - half, y - 6, x + half, y + 6) for x, y in places]
        at = next((n for n, area in enumerate(areas) if not any(_meet(area, a) for a in self._full)), 0)
        self._full.append(areas[at])
        x, y = round(origin[0] + places[at][0]), round(origin[1] + places[at][1] + 4)
        whole = element("title", text) if shown != text else None
        return element("text", whole, shown, x=x, y=y, class_="label")


def curve(points: tuple[Point, ...]) -> str:
    """Return the path of a line: curves between layers, straight next to boxes."""
    (x, y), *rest = points
    parts = [f"M{x:.0f} {y:.0f}"]
    for to_x, to_y in rest:
        middle = (y + to_y) / 2
        if x == to_x:
            parts.append(f"V{to_y:.0f}")
        else:
            parts.append(f"C{x:.0f} {middle:.0f} {to_x:.0f} {middle:.0f} {to_x:.0f} {to_y:.0f}")
        x, y = to_x, to_y
    return "".join(parts)


def label_of(line: Line, state: FlatState | None) -> str:
    """Return the label for a line: a rule's condition, a Catcher's errors, or "" if no label is needed."""
    found = [_label(edge, state) for edge in line.edges]
    shown = dict.fromkeys(filter(None, found))
    return ", ".join(shown) if "" not in found or len(shown) != len(found) else ""


def title_of(line: Line, state: FlatState | None) -> str:
    """Return the full description of a line."""
    start = "Start" if line.start == START else line.start
    parts = [f"{edge.label}{_condition(edge, state)}" for edge in line.edges] or ["→"]
    return f"{start}: {'; '.join(parts)}"


def _label(edge: Edge, state: FlatState | None) -> str:
    if edge.kind == "catch":
        return edge.error
    if edge.kind == "default":
        return "Default"
    return _short(_rule(edge, state)) or f"rule {edge.number + 1}" if edge.kind == "choice" else ""


def _condition(edge: Edge, state: FlatState | None) -> str:
    if edge.kind != "choice":
        return ""
    rule = {key: value for key, value in _rule(edge, state).items() if key != "Next"}
    return " " + shortened(json.dumps(rule, ensure_ascii=False), 400)


def _rule(edge: Edge, state: FlatState | None) -> JsonObject:
    choices: Json = state.fields.get("Choices") if state is not None else None
    return as_dict(choices[edge.number]) if isinstance(choices, list) else {}


def _short(rule: JsonObject) -> str:
    if isinstance(condition := rule.get("Condition"), str):
        return condition.strip().removeprefix("{%").removesuffix("%}").strip()
    variable = rule.get("Variable")
    for operator, value in rule.items():
        if variable and operator not in ("Variable", "Next", "Comment", "Assign", "Output"):
            bare = operator.removesuffix("Path")
            for kind in ("String", "Numeric", "Boolean", "Timestamp"):
                bare = bare.removeprefix(kind)
            shown = value if isinstance(value, str) else json.dumps(value)
            return f"{variable} {_SIGNS.get(bare, bare)} {shown}"
    return ""


def _between(points: tuple[Point, ...], part: float) -> Point:
    """Return a point on a line's first segment, or on its last segment if the line spans several layers."""
    (x, y), (to_x, to_y) = points[0], points[1]
    bent = part * part * (3 - 2 * part)  # follows the Bézier curve of `curve`
    return x + (to_x - x) * bent, y + (to_y - y) * part


def _meet(one: _Area, other: _Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
