"""The number of branches at which a limit is reached, extrapolated from executions of several sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.gate.finding import Rule
from harness.gate.growth import lines
from harness.gate.reaching import LATER, SOONER, reached
from harness.observe.model import HistoryEvent, Observation
from harness.testing import START, a_history, an_execution, observed

KEY = ("Fan", "Fan", "branches", "states-history")


def fanning(branches: int, steps: int, more: int = 0) -> Observation:
    """An execution with a Parallel state whose branches have `steps` events each, and some `more`."""
    execution = an_execution(history=a_history().enters("Fan"))
    first = execution.events[-1].id
    made = [HistoryEvent(first + 1, first, "ParallelStateStarted", START, {})]
    for branch in range(branches):
        before = first + 1
        for _ in range(steps):
            number = first + len(made) + 1
            name = {"name": f"Count{branch}"}
            made.append(HistoryEvent(number, before, "PassStateEntered", START, name))
            before = number
    made += [HistoryEvent(0, 0, "PassStateEntered", START, {"name": "Count0"})] * more
    return observed(replace(execution, events=(*execution.events, *made)))


def test_executions_of_several_sizes_are_on_a_line() -> None:
    line = lines(fanning(size, 12) for size in (2, 10, 40))[KEY]
    assert line.exact
    outside = line.small[1] - 24
    assert line.reached == (25_000 - outside) // 12


@pytest.mark.parametrize("sizes", [(2,), (3, 3)])
def test_one_size_is_no_line(sizes: tuple[int, ...]) -> None:
    assert KEY not in lines(fanning(size, 12) for size in sizes)


def test_what_does_not_grow_evenly_is_no_line() -> None:
    assert KEY not in lines([fanning(2, 12), fanning(10, 40), fanning(40, 12)])
    close = lines([fanning(2, 12), fanning(10, 12, more=5), fanning(40, 12)])[KEY]
    assert not close.exact


@pytest.mark.parametrize(
    ("steps", "rule", "said"),
    [
        (12, None, ""),
        (14, SOONER, "reaches its limit of 25,000 events with 1,785 branches of Fan, previously with 2,083"),
        (11, LATER, "with 2,272 branches of Fan, previously with 2,083"),
    ],
)
def test_a_limit_that_is_reached_sooner_is_a_warning(steps: int, rule: Rule | None, said: str) -> None:
    before, after = (lines(fanning(size, each) for size in (2, 10, 40)) for each in (12, steps))
    found = [each for each in reached(before, after, 0.1) if each.subject.endswith("states-history")]
    assert [each.rule for each in found] == [rule] * (rule is not None)
    assert all(said in each.message for each in found)
    # If the margin is wider than the change, the finding is a note.
    assert not [each for each in reached(before, after, 0.5) if each.rule is SOONER]
