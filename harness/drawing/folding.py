"""Folds similar parts of an execution: repeated loops, and branches and Map iterations that took the same
path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from harness.drawing.ends import End, end_of
from harness.observe.model import Execution
from harness.observe.tasks import Branch, Visit, track
from harness.report.nodes import Node, one_of_each, without_repeats

MOST_BRANCHES: Final = 24
"""Maximum number of different branches to show for a state."""
MOST_VISITS: Final = 400
"""Maximum number of visits to show for an execution."""
_NUMBER: Final = re.compile(r"\d+")
_NO_LABEL: Final = Text("")


@dataclass(frozen=True)
class Kept:
    """A visit to show, with the branches to show."""

    visit: Visit
    end: End
    branches: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Way:
    """Consecutive states, and sentences about omitted states."""

    steps: tuple[Kept | str, ...]


@dataclass(frozen=True)
class Folded:
    """An execution in which similar parts occur only once. `ids` contains the first event of each visit."""

    way: Way
    ids: frozenset[int]


@dataclass(frozen=True)
class _Step(Node):
    visit: Visit | None = None
    end: End = "none"


def folded(execution: Execution) -> Folded:
    """Return the execution's states without repetitions. The result is cached on the execution."""
    kept = execution.kept.get("folded")
    if not isinstance(kept, Folded):
        ids: list[int] = []
        way = _way([_step(visit, execution) for visit in track(execution).root.visits], ids)
        execution.kept["folded"] = kept = Folded(way, frozenset(ids))
    return kept


def _step(visit: Visit, execution: Execution) -> _Step:
    end = end_of(visit, execution)
    error = visit.last.text("error") if end in ("failed", "caught") else ""
    kind = (_NUMBER.sub("#", visit.name), end, len(visit.tasks), error)
    branches = tuple(_branch(branch, execution) for branch in visit.branches)
    return _Step(visit.name, _NO_LABEL, kind, branches, visit, end)


def _branch(branch: Branch, execution: Execution) -> Node:
    return Node("", _NO_LABEL, "branch", tuple(_step(visit, execution) for visit in branch.visits))


def _way(steps: Sequence[Node], ids: list[int]) -> Way:
    return Way(tuple(_steps(steps, ids)))


def _steps(steps: Sequence[Node], ids: list[int]) -> Iterator[Kept | str]:
    shown = without_repeats(steps)
    for number, step in enumerate(shown):
        if not isinstance(step, _Step) or step.visit is None:
            yield step.label.plain
        elif len(ids) >= MOST_VISITS:
            yield f"… and {len(shown) - number:,} more that are not shown"
            return
        else:
            ids.append(step.visit.entered.id)
            yield Kept(step.visit, step.end, tuple(_branches(step.children, ids)))


def _branches(branches: Sequence[Node], ids: list[int]) -> Iterator[Way]:
    worst_first = sorted(_groups(one_of_each(branches)), key=_harmless)
    ordered = [branch for group in worst_first for branch in group]
    for branch in ordered[:MOST_BRANCHES]:
        yield _way(branch.children, ids) if branch.children else Way((branch.label.plain,))
    if left := ordered[MOST_BRANCHES:]:
        yield Way((f"… and {len(left):,} more that are not shown",))


def _groups(branches: Sequence[Node]) -> list[list[Node]]:
    """Return each distinct branch with the sentence about the branches similar to it."""
    groups: list[list[Node]] = []
    for branch in branches:
        if branch.children or not groups:
            groups.append([])
        groups[-1].append(branch)
    return groups


def _harmless(group: Sequence[Node]) -> bool:
    last = group[0].children[-1] if group[0].children else None
    return not (isinstance(last, _Step) and last.end == "failed")
