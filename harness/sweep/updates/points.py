"""The run on the old stack -> every event at which the stack can be updated, and the trials there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.engine.base import PassedEvent
from harness.observe.model import Execution, Observation
from harness.observe.tasks import track
from harness.sweep.model import SelectionError
from harness.sweep.updates.model import BACK, Event, Trial

LISTED = 40
"""So many labels are listed where none fits."""


def events(seen: Observation, passed: Sequence[PassedEvent]) -> tuple[Event, ...]:
    """The events in the order in which they were written."""
    labels = dict(_labels(seen))
    return tuple(
        Event(number, labels.get((each.execution_arn, each.id)) or _unknown(each), each.touched)
        for number, each in enumerate(passed, start=1)
    )


def distinct(found: Sequence[Event]) -> tuple[Event, ...]:
    """One event of each of those that are alike: the last, right before something looks at the stack."""
    return tuple({event.touched: event for event in found}.values())


def trials(found: Sequence[Event], point: str = "") -> tuple[Trial, ...]:
    """The trials of both series, or those whose labels contain `point`; just one where it is a label.

    In the second series the stack is new between two events with one look at it only: so every two looks are
    played with the first at the new stack and the second at the old one, as the first series plays them the
    other way round.

    Raises:
        SelectionError: nothing is called so.
    """
    chosen = distinct(found)
    every = [*(Trial(event) for event in chosen), *(Trial(at, back) for at, back in pairwise(chosen))]
    if not point:
        return tuple(every)
    if (named := _named(found, point)) is not None:
        return (named,)
    if fitting := [trial for trial in every if point in trial.label]:
        return tuple(fitting)
    lines = [f"  {event.label}" for event in found[:LISTED]]
    more = len(found) - LISTED
    listed = "\n".join([*lines, *([f"  ... and {more} more"] if more > 0 else [])])
    raise SelectionError(f"no event is called {point!r}; there are:\n{listed}")


def _named(found: Sequence[Event], point: str) -> Trial | None:
    by_label = {event.label: event for event in found}
    at, back, then = point.partition(BACK)
    if at not in by_label or (back and then not in by_label):
        return None
    trial = Trial(by_label[at], by_label[then] if back else None)
    if trial.back is not None and trial.back.number <= trial.at.number:
        raise SelectionError(f"{then} comes before {at}; name a later event to roll back at")
    return trial


def _labels(seen: Observation) -> Iterator[tuple[tuple[str, int], str]]:
    for run in seen.runs:
        count = Counter(child.machine_name for child in run.children)
        for execution in run.executions:
            who = run.name
            if execution is not run.execution:
                named = f":{execution.name}" if count[execution.machine_name] > 1 else ""
                who = f"{run.name}/{execution.machine_name}{named}"
            yield from _of_execution(execution, who)


def _of_execution(execution: Execution, who: str) -> Iterator[tuple[tuple[str, int], str]]:
    visits = track(execution).visits
    for event in execution.events:
        visit = visits.get(event.id)
        state = visit.name if visit is not None else event.text("name")
        yield (execution.arn, event.id), f"{who} {event.id} {event.type}" + (f" ({state})" if state else "")


def _unknown(event: PassedEvent) -> str:
    return f"{event.execution_arn.rpartition(':execution:')[2]} {event.id}"
