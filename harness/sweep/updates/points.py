"""Finds every event at which the stack can be updated in the run on the old stack, and the trials for these
events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from harness.engine.base import PassedEvent
from harness.observe.model import Execution, Observation
from harness.observe.tasks import track
from harness.sweep.model import SelectionError
from harness.sweep.updates.model import BACK, HALF, Event, Part, Trial

LISTED = 40
"""Maximum number of labels to list if no label matches."""


def events(seen: Observation, passed: Sequence[PassedEvent]) -> tuple[Event, ...]:
    """Return the events in the order in which they were written."""
    labels = dict(_labels(seen))
    return tuple(
        Event(number, labels.get((each.execution_arn, each.id)) or _unknown(each), each.touched)
        for number, each in enumerate(passed, start=1)
    )


def distinct(found: Sequence[Event]) -> tuple[Event, ...]:
    """Return one event from each group of equivalent events: the last one before an access to the stack."""
    return tuple({event.touched: event for event in found}.values())


def trials(found: Sequence[Event], point: str = "", *, in_halves: bool = False) -> tuple[Trial, ...]:
    """Return the trials in all series, or those whose labels contain `point`. If `point` is a label, return
    only that trial.

    In the second series, the new stack is deployed only between two events with one access to the stack
    between them. In each pair of consecutive accesses, the first one therefore uses the new stack and the
    second one the old stack. In the first series, it is the other way round. `in_halves` adds two series in
    which only one part of the function updates is made between the events.

    Raises:
        SelectionError: no label matches.
    """
    chosen = distinct(found)
    every = [*(Trial(event) for event in chosen), *(Trial(at, back) for at, back in pairwise(chosen))]
    for part in HALF if in_halves else ():
        every += [Trial(at, then, part) for at, then in pairwise(chosen)]
    if not point:
        return tuple(every)
    if (named := _named(found, point)) is not None:
        return (named,)
    if fitting := [trial for trial in every if point in trial.label]:
        return tuple(fitting)
    lines = [f"  {event.label}" for event in found[:LISTED]]
    more = len(found) - LISTED
    listed = "\n".join([*lines, *([f"  ... and {more} more"] if more > 0 else [])])
    raise SelectionError(f"event {point!r} not found; use one of:\n{listed}")


def _named(found: Sequence[Event], point: str) -> Trial | None:
    by_label = {event.label: event for event in found}
    parts: dict[str, Part] = {text: part for part, text in HALF.items()}
    between = next((text for text in (BACK, *parts) if text in point), BACK)
    at, second, then = point.partition(between)
    if at not in by_label or (second and then not in by_label):
        return None
    trial = Trial(by_label[at], by_label[then] if second else None, parts.get(between, ""))
    if trial.then is not None and trial.then.number <= trial.at.number:
        raise SelectionError(f"{then} does not come after {at}; specify a later event")
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
