"""The edges that an execution reached, from its history and its machine's definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from harness.coverage.choices import chosen
from harness.coverage.edges import Edge
from harness.coverage.failures import Failures, History, taker
from harness.coverage.flat import FlatState, Shape
from harness.json_types import Json, as_dict
from harness.observe.model import Execution
from harness.observe.tasks import Branch, Visit

_NO_SUCCESS = ("Fail", "Succeed")
"""State types that end an execution."""


def reached(execution: Execution, shape: Shape) -> Counter[Edge]:
    """Return the number of times that each edge was reached. Edges that are not in the definition are
    possible.
    """
    found: Counter[Edge] = Counter()
    if execution.status == "TIMED_OUT":
        found[Edge("", "timeout")] += 1
    history = History.of(execution)
    for branch in branches(history.root):
        for visit, follows in zip(branch.visits, [*branch.visits[1:], None], strict=True):
            state = shape.states.get(shape.name(visit.name))
            if state is not None:
                found.update(_of_visit(shape, state, visit, follows, history))
    return found


def branches(root: Branch) -> Iterator[Branch]:
    """Yield a branch and all nested branches."""
    waiting = [root]
    while waiting:
        branch = waiting.pop()
        yield branch
        waiting += [inner for visit in branch.visits for inner in visit.branches]


def _of_visit(
    shape: Shape, state: FlatState, visit: Visit, follows: Visit | None, history: History
) -> Iterator[Edge]:
    name, to = state.name, shape.name(follows.name) if follows is not None else ""
    yield Edge(name, "state")
    failures = history.failures(visit, state.fields)
    left = visit.exited is not None
    if left:
        catch = _caught(state, failures, to)
        if state.type == "Choice":
            edge = chosen(shape, state, visit, to)
        elif catch is not None:
            edge = catch
        elif to:
            edge = Edge(name, "next", to)
        else:
            edge = None if state.type in _NO_SUCCESS else Edge(name, "end")
        if edge is not None:
            yield edge
    succeeded = left and not failures.ended_by
    yield from _retries(state, failures, succeeded=succeeded)
    for each in failures.timeouts:
        yield Edge(name, each)
    if state.type == "Map":
        yield from _of_map(name, visit, history, succeeded=succeeded)
    if state.type == "Parallel":
        for inner in visit.branches:
            if inner.visits and inner.visits[-1].exited is not None:
                yield Edge(name, "branch", shape.name(inner.visits[0].name))


def _caught(state: FlatState, failures: Failures, to: str) -> Edge | None:
    """Return the Catcher that handled the error of a state.

    An error may have a second name that is not in the history.
    """
    catchers = _entries(state.fields, "Catch")
    found = taker(catchers, failures.ended_by) if failures.ended_by else None
    if found is None and to and to != state.fields.get("Next"):
        leading = [n for n, each in enumerate(catchers) if each.get("Next") == to]
        equals = catchers[leading[0]].get("ErrorEquals") if len(leading) == 1 else None
        found = (leading[0], str(equals[0])) if isinstance(equals, list) and equals else None
    return None if found is None else Edge(state.name, "catch", f"{found[0]} {found[1]}")


def _retries(state: FlatState, failures: Failures, *, succeeded: bool) -> Iterator[Edge]:
    """Yield the Retriers after which a state succeeded, or the Retrier that was exhausted."""
    retriers = _entries(state.fields, "Retry")
    used = {found[0] for error in failures.retried if (found := taker(retriers, error)) is not None}
    if succeeded:
        yield from (Edge(state.name, "retried", str(number)) for number in sorted(used))
    elif failures.ended_by and (last := taker(retriers, failures.ended_by)) is not None:
        yield Edge(state.name, "used-up", str(last[0]))


def _of_map(name: str, visit: Visit, history: History, *, succeeded: bool) -> Iterator[Edge]:
    for event in history.events(visit):
        length = event.details.get("length", 0) if event.type == "MapStateStarted" else None
        if isinstance(length, int):
            yield Edge(name, "map", "none" if length == 0 else "one" if length == 1 else "many")
    if succeeded and history.lost_items(visit):
        yield Edge(name, "map", "tolerated failures")


def _entries(fields: Mapping[str, Json], key: str) -> list[Mapping[str, Json]]:
    given = fields.get(key)
    return [as_dict(each) for each in given] if isinstance(given, list) else []
