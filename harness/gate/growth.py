"""Growth of an execution's resource use with the size of a fan-out.

A size is the number of branches of a Parallel state, or of items of a Map state. If each branch uses the same
amount, executions on the same path with different sizes lie on a straight line. The line shows the size at
which an AWS limit is reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harness.limits.table import BY_ID, Limit, utf8
from harness.observe.model import Execution, HistoryEvent, Observation

PAYLOADS: Final = ("input", "output", "parameters")
_NUMBER: Final = re.compile(r"\d+")
_ANY: Final = "<n>"
_KINDS: Final = {"ParallelStateStarted": "branches", "MapStateStarted": "items"}
_CLOSE: Final = 0.1
"""Share by which points between the smallest and the largest size may deviate from the line."""
_FAR: Final = 1_000
"""A limit that is only reached above this multiple of the largest size that ran is not reported."""

Key = tuple[str, str, str, str]
"""The first state, the state that fans out, `branches` or `items`, and a limit ID."""


@dataclass(frozen=True)
class Line:
    """A straight line through the smallest and the largest size, each with the amount that it used.

    `exact` is true if there are sizes between them, and all of these sizes are on the line.
    """

    limit: Limit
    small: tuple[int, int]
    large: tuple[int, int]
    exact: bool = False

    @property
    def reached(self) -> int:
        """Return the largest size within the limit.

        Example: 66 events with 2 branches and 522 with 40 branches mean 12 more events for each branch, so
        2,079 branches reach 25,000 events.
        """
        slope = (self.large[1] - self.small[1]) / (self.large[0] - self.small[0])
        return int(self.small[0] + (self.limit.most - self.small[1]) / slope)


def lines(observations: Iterable[Observation]) -> Mapping[Key, Line]:
    """Return the lines of all observations.

    A key has no line if only one size was observed, or if the amounts do not grow evenly.
    """
    ways: dict[Key, dict[frozenset[str], dict[int, int]]] = {}
    for observation in observations:
        for run in observation.runs:
            for execution in run.executions:
                for key, way, size, amount in _points(execution, observation):
                    sizes = ways.setdefault(key, {}).setdefault(way, {})
                    sizes[size] = max(amount, sizes.get(size, 0))
    found: dict[Key, Line] = {}
    for key, by_way in ways.items():
        # If there are several paths, use the one with the most sizes: the others belong to scenarios with
        # faults.
        sizes = max(by_way.values(), key=len)
        if (line := _line(BY_ID[key[3]], sizes)) is not None:
            found[key] = line
    return found


def _line(limit: Limit, sizes: Mapping[int, int]) -> Line | None:
    points = sorted(sizes.items())
    small, large = points[0], points[-1]
    if len(points) < 2 or large[1] <= small[1]:
        return None
    slope = (large[1] - small[1]) / (large[0] - small[0])
    off = [abs(small[1] + slope * (size - small[0]) - amount) / amount for size, amount in points]
    if max(off) > _CLOSE:
        return None
    line = Line(limit, small, large, exact=len(points) > 2 and max(off) < 1e-9)
    return line if line.reached <= _FAR * large[0] else None


def _points(execution: Execution, seen: Observation) -> Iterator[tuple[Key, frozenset[str], int, int]]:
    """Yield the amounts of an execution in which exactly one state fans out, and only once."""
    fanning = [event for event in execution.events if event.type in _KINDS]
    if len(fanning) != 1 or not execution.path:
        return
    started = fanning[0]
    size, state = _size(started, execution), _state(started, execution)
    way = frozenset([*map(_merged, execution.path), *(event.type for event in execution.events)])
    first = _merged(execution.path[0])
    for limit_id, amount in _amounts(execution, seen) if size else ():
        yield (first, _merged(state), _KINDS[started.type], limit_id), way, size, amount


def _size(started: HistoryEvent, execution: Execution) -> int:
    if started.type == "MapStateStarted":
        length = started.details.get("length")
        return length if isinstance(length, int) else 0
    return sum(each.previous_event_id == started.id for each in execution.events)


def _state(started: HistoryEvent, execution: Execution) -> str:
    """Return the state that an event belongs to: the last state entered before it."""
    return next((each.text("name") for each in execution.events if each.id == started.previous_event_id), "")


def _amounts(execution: Execution, seen: Observation) -> Iterator[tuple[str, int]]:
    yield "states-history", len(execution.events)
    texts = [execution.input, execution.output or ""]
    texts += (event.text(part) for event in execution.events for part in PAYLOADS)
    yield "states-payload", max(map(utf8, texts))
    if (definition := seen.definitions.get(execution.arn)) is not None:
        yield "states-definition", utf8(definition.text)


def _merged(name: str) -> str:
    """Return a name without its numbers. Branches that are generated in a loop differ only in numbers."""
    return _NUMBER.sub(_ANY, name)
