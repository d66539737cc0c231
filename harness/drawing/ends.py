"""Determines how states ended: each visit, and all visits to a state together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from harness.coverage.flat import Shape
from harness.observe.model import Execution
from harness.observe.tasks import Branch, Visit, track

End = Literal["failed", "running", "stopped", "caught", "retried", "succeeded", "none"]
"""The ways in which a visit can end. "none" means that the state was not entered."""

WORST_FIRST: Final[tuple[End, ...]] = (
    "failed",
    "running",
    "stopped",
    "caught",
    "retried",
    "succeeded",
    "none",
)
WORDS: Final[Mapping[End, str]] = {
    "failed": "failed",
    "running": "running",
    "stopped": "stopped before it ended",
    "caught": "failed, and caught",
    "retried": "succeeded after a retry",
    "succeeded": "succeeded",
    "none": "not entered",
}
MARKS: Final[Mapping[End, str]] = {
    "failed": "✗",
    "running": "▸",
    "stopped": "■",
    "caught": "↷",
    "retried": "↻",
    "succeeded": "✓",
    "none": "○",
}
"""A symbol for each kind of end, so that colour is not the only indicator."""


@dataclass
class Seen:
    """All visits to one state: the count of each end, the number of attempts, and the first visit.

    `first` is the first event of the first visit with the worst end. `branches` maps the first state of a
    branch or an iteration, by its name in the shape, to the ends of these branches. `failed_branches` are the
    first states of some branches that failed.
    """

    first: int = 0
    first_end: End = "none"
    ends: Counter[End] = field(default_factory=Counter)
    tries: int = 0
    branches: dict[str, Counter[End]] = field(default_factory=dict)
    failed_branches: list[str] = field(default_factory=list)

    @property
    def worst(self) -> End:
        """The worst end among all visits."""
        return next((end for end in WORST_FIRST if self.ends[end]), "none")

    @property
    def words(self) -> str:
        """All ends as text: `3 times: 2 succeeded, 1 failed`."""
        number = self.ends.total()
        if number <= 1:
            return WORDS[self.worst]
        return f"{number:,} times: {counted_ends(self.ends)}"


def counted_ends(ends: Mapping[End, int]) -> str:
    """Return ends as text: `2 succeeded, 1 failed`."""
    return ", ".join(f"{ends[end]:,} {WORDS[end]}" for end in WORST_FIRST if ends.get(end))


def end_of(visit: Visit, execution: Execution) -> End:
    """Return the end of one visit to a state."""
    failed = visit.last.type.endswith(("Failed", "TimedOut", "Aborted"))
    if visit.exited is not None:
        if failed:
            return "caught"
        return "retried" if len(visit.tasks) > 1 else "succeeded"
    if visit.kind == "Succeed":
        return "succeeded"
    if failed or visit.kind == "Fail":
        return "failed"
    return "running" if execution.status == "RUNNING" else "stopped"


def end_of_branch(branch: Branch, execution: Execution) -> End:
    """Return the end of a branch, which is the end of its last state, ignoring caught errors and retries."""
    end = end_of(branch.visits[-1], execution)
    return "succeeded" if end in ("caught", "retried") else end


def end_of_execution(execution: Execution) -> End:
    """Return the end of an execution."""
    known: Mapping[str, End] = {"SUCCEEDED": "succeeded", "RUNNING": "running", "ABORTED": "stopped"}
    return known.get(execution.status, "failed")


def visits_of(execution: Execution) -> Iterator[Visit]:
    """Yield all visits in an execution, branch by branch."""
    yield from _visits(track(execution).root)


def seen_states(
    execution: Execution | None, shape: Shape, shown: frozenset[int] = frozenset()
) -> dict[str, Seen]:
    """Return the visits to each state, by the state's name in the shape. `shown` contains the events that can
    be linked to.
    """
    found: dict[str, Seen] = {}
    for visit in visits_of(execution) if execution is not None else ():
        assert execution is not None, "it has visits"
        seen = found.setdefault(shape.name(visit.name), Seen())
        end = end_of(visit, execution)
        seen.ends[end] += 1
        seen.tries = max(seen.tries, len(visit.tasks))
        if visit.entered.id in shown and WORST_FIRST.index(end) < WORST_FIRST.index(seen.first_end):
            seen.first, seen.first_end = visit.entered.id, end
        for branch in visit.branches:
            start = branch.visits[0].name
            how = end_of_branch(branch, execution)
            seen.branches.setdefault(shape.name(start), Counter())[how] += 1
            if how == "failed" and len(seen.failed_branches) < 3:
                seen.failed_branches.append(start)
    return found


def _visits(branch: Branch) -> Iterator[Visit]:
    for visit in branch.visits:
        yield visit
        for inner in visit.branches:
            yield from _visits(inner)
