"""Draws an execution's time line as SVG: its states in virtual time, with idle time folded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Final

from markupsafe import Markup

from harness.coverage.flat import Shape
from harness.drawing.boxes import LETTER, drawn_width, shortened
from harness.drawing.elements import element, joined
from harness.drawing.ends import WORDS, WORST_FIRST, End, end_of, visits_of
from harness.drawing.folding import folded
from harness.expect.wording import time
from harness.observe.model import Execution
from harness.observe.tasks import Visit, track

_NAMES: Final = 210.0
_WIDE: Final = 560.0
_ROW: Final = 22.0
_TOP: Final = 26.0
_FOLD: Final = 52.0
_LABEL: Final = 5.6
_GAP: Final = 2.0
MOST_ROWS: Final = 80
"""Maximum number of states with a row."""


@dataclass(frozen=True)
class Scale:
    """Maps times, in seconds from the start, to positions. `folds` contains the shortened intervals."""

    moments: Sequence[float]
    places: Sequence[float]
    folds: Sequence[tuple[float, float]]

    def at(self, moment: float) -> float:
        """Return the position of a time."""
        before = max(0, min(bisect_right(self.moments, moment) - 1, len(self.moments) - 2))
        begin, end = self.moments[before], self.moments[before + 1]
        part = (moment - begin) / (end - begin) if end > begin else 0
        return self.places[before] + (self.places[before + 1] - self.places[before]) * min(1, max(0, part))


@dataclass
class _Bar:
    begin: float
    end: float
    how: End
    first: int
    times: int = 1


@dataclass
class _Row:
    depth: int
    bars: list[_Bar] = field(default_factory=list)
    last: dict[End, _Bar] = field(default_factory=dict)

    def add(self, bar: _Bar, scale: Scale) -> None:
        """Add a bar, or extend the last bar of its kind if the gap between them is not visible."""
        before = self.last.get(bar.how)
        if (
            before is not None
            and before.begin <= bar.begin
            and scale.at(bar.begin) - scale.at(before.end) < _GAP
        ):
            before.end = max(before.end, bar.end)
            before.times += 1
        else:
            self.bars.append(bar)
            self.last[bar.how] = bar


@dataclass(frozen=True)
class _Links:
    """The scale of a time line, and the events that its bars link to."""

    scale: Scale
    kept: frozenset[int]
    anchor: str
    brief: bool


def time_line(execution: Execution, shape: Shape, *, anchor: str = "", brief: bool = False) -> Markup:
    """Draw a row for each state in a shape, with a bar for each visit. Overlapping bars are merged.

    `shape` is the result of `graph.shape_for`. With `anchor`, a bar links to its visit, as in the graph.
    `brief` omits the tooltips of bars.
    """
    scale = scale_of(execution)
    rows = _rows(execution, shape, scale)
    shown = list(rows.items())[:MOST_ROWS]
    links = _Links(scale, folded(execution).ids if anchor else frozenset(), anchor, brief)
    height = _TOP + _ROW * len(shown) + 6
    parts = [
        *_folds(scale, height),
        *(_row(name, row, number, links) for number, (name, row) in enumerate(shown)),
        *_axis(scale),
    ]
    picture = element(
        "svg",
        *parts,
        class_="times",
        width=round(_NAMES + _WIDE + 20),
        height=round(height),
        viewBox=f"0 0 {_NAMES + _WIDE + 20:.0f} {height:.0f}",
        role="group",
        aria_label=f"Time line: {time(scale.moments[-1])}",
    )
    idle = sum(end - begin for begin, end in scale.folds)
    said = [f"{time(scale.moments[-1])} in total"]
    if scale.folds:
        number = len(scale.folds)
        stretches = "1 idle period is" if number == 1 else f"{number:,} idle periods are"
        said.append(f"{stretches} folded, {time(idle)}")
    if len(rows) > len(shown):
        said.append(f"{len(rows) - len(shown):,} more states are not shown")
    wide = element("div", picture, class_="wide", tabindex="0", role="group", aria_label="Time line")
    return joined(wide, element("p", "; ".join(said), class_="quiet"))


def scale_of(execution: Execution) -> Scale:
    """Return the scale for an execution, in which long periods without a running task are shortened."""
    start = execution.started_at
    moments = sorted({0.0, *((event.timestamp - start).total_seconds() for event in execution.events)})
    if execution.stopped_at is not None:
        moments = sorted({*moments, (execution.stopped_at - start).total_seconds()})
    if len(moments) == 1:
        moments.append(moments[0] + 0.001)
    gaps = list(pairwise(moments))
    busy = _busy(execution, moments)
    longest = _longest_wait(gaps, busy)
    folds = [gap for gap, works in zip(gaps, busy, strict=True) if not works and gap[1] - gap[0] > longest]
    fold = min(_FOLD, _WIDE / 2 / len(folds)) if folds else 0
    is_fold = set(folds)
    left = moments[-1] - moments[0] - sum(end - begin for begin, end in folds)
    factor = (_WIDE - fold * len(folds)) / left if left else 0
    widths = [fold if gap in is_fold else (gap[1] - gap[0]) * factor for gap in gaps]
    places = [0.0, *accumulate(widths)]
    return Scale(moments, places, folds)


def _longest_wait(gaps: Sequence[tuple[float, float]], busy: Sequence[bool]) -> float:
    """Return the longest idle time that is not shortened, in seconds.

    Busy times must stay visible next to it.
    """
    work = longest = stretch = 0.0
    for (begin, end), works in zip(gaps, busy, strict=True):
        stretch = stretch + end - begin if works else 0
        work += end - begin if works else 0
        longest = max(longest, stretch)
    return min(work / 3, 2 * longest) if work else float("inf")


def _busy(execution: Execution, moments: Sequence[float]) -> list[bool]:
    """Return, for each interval, whether a task that does not wait for a token was running."""
    changes = dict.fromkeys(moments, 0)
    for task in track(execution).tasks:
        if task.scheduled.text("resource").endswith(".waitForTaskToken") or task.ended is None:
            continue
        begin = (task.scheduled.timestamp - execution.started_at).total_seconds()
        end = (task.ended.timestamp - execution.started_at).total_seconds()
        changes[begin] += 1
        changes[end] -= 1
    return [number > 0 for number in accumulate(changes[moment] for moment in moments)][:-1]


def _rows(execution: Execution, shape: Shape, scale: Scale) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for visit in visits_of(execution):
        row = found.setdefault(shape.name(visit.name), _Row(_depth(visit)))
        begin = (visit.entered.timestamp - execution.started_at).total_seconds()
        over = visit.exited or (visit.last if visit.kind in ("Fail", "Succeed") else None)
        end = (over.timestamp - execution.started_at).total_seconds() if over else scale.moments[-1]
        row.add(_Bar(begin, end, end_of(visit, execution), visit.entered.id), scale)
    return found


def _depth(visit: Visit) -> int:
    depth, around = 0, visit.branch.inside
    while around is not None:
        depth, around = depth + 1, around.branch.inside
    return depth


def _row(name: str, row: _Row, number: int, links: _Links) -> Markup:
    y = _TOP + _ROW * number
    indent = 4 + 12 * row.depth
    most = max(6, int((_NAMES - indent - 8) / LETTER))
    label = shortened(name, most) if drawn_width(name) > most else name
    bars = sorted(row.bars, key=lambda bar: -WORST_FIRST.index(bar.how))  # the worst ones on top
    return element(
        "g",
        element("text", element("title", name) if label != name else None, label, x=indent, y=round(y + 15)),
        *(_bars(bars, y, links.scale) if links.brief else (_bar(name, bar, y, links) for bar in bars)),
    )


def _bars(bars: Sequence[_Bar], y: float, scale: Scale) -> Iterator[Markup]:
    """Draw bars without tooltips: one path for each kind."""
    for how in WORST_FIRST[::-1]:
        path = ""
        for bar in bars:
            if bar.how == how:
                left, width = _NAMES + scale.at(bar.begin), scale.at(bar.end) - scale.at(bar.begin)
                wide = round(max(3.0, width))
                path += f"M{left:.0f} {y + 4:.0f}h{wide}v14h-{wide}z"
        if path:
            yield element("path", d=path, class_=f"bar {how}")


def _bar(name: str, bar: _Bar, y: float, links: _Links) -> Markup:
    left, right = _NAMES + links.scale.at(bar.begin), _NAMES + links.scale.at(bar.end)
    times = f"{bar.times:,} times: " if bar.times > 1 else ""
    words = f"{name}: {times}{WORDS[bar.how]}: +{time(bar.begin)}, {time(bar.end - bar.begin)}"
    rect = element(
        "rect",
        element("title", words),
        x=round(left, 1),
        y=round(y + 4),
        width=round(max(3.0, right - left), 1),
        height=14,
        rx=3,
        class_=f"bar {bar.how}",
    )
    if bar.first in links.kept:
        return element("a", rect, href=f"#{links.anchor}-{bar.first}", aria_label=words)
    return rect


def _folds(scale: Scale, height: float) -> Iterator[Markup]:
    areas = [(_NAMES + scale.at(begin), _NAMES + scale.at(end)) for begin, end in scale.folds]
    bottom = round(height - _TOP)
    path = "".join(
        f"M{left:.0f} {_TOP:.0f}h{right - left:.0f}v{bottom}h{left - right:.0f}z"
        for left, right in _together(areas)
    )
    if path:
        yield element("path", element("title", "without work"), d=path, class_="fold")
    for (left, right), (begin, end) in zip(areas, scale.folds, strict=True):
        words = time(end - begin)
        if right - left >= drawn_width(words) * _LABEL:
            yield element("text", words, x=round((left + right) / 2), y=16, class_="label small")


def _together(areas: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield areas in order. Areas are merged if the gap between them is not visible."""
    before: tuple[float, float] | None = None
    for left, right in areas:
        if before is not None and left - before[1] < _GAP:
            before = before[0], max(before[1], right)
            continue
        if before is not None:
            yield before
        before = left, right
    if before is not None:
        yield before


def _axis(scale: Scale) -> Iterator[Markup]:
    yield element("path", d=f"M{_NAMES:.0f} {_TOP:.0f}H{_NAMES + _WIDE:.0f}", class_="axis")
    if not scale.folds and scale.moments[-1] >= 0.01:
        for part in (0.25, 0.5, 0.75, 1):
            moment = scale.moments[-1] * part
            anchor = "end" if part == 1 else "middle"
            yield element(
                "text",
                time(moment),
                x=round(_NAMES + _WIDE * part),
                y=16,
                class_="small",
                text_anchor=anchor,
            )
    yield element("text", "0", x=round(_NAMES), y=16, class_="small")
