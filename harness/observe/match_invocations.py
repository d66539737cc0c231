"""Matches each invocation of a function to the task of a state machine that made it."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from harness.functions.shared.model import Invocation
from harness.json_types import Json
from harness.observe.model import parsed
from harness.observe.tasks import Task


def matching_tasks(tasks: Iterable[Task], invocations: Sequence[Invocation]) -> tuple[Task | None, ...]:
    """Return the task that made each invocation; None for an invocation that no state machine made.

    If the engine reports execution, state and attempt, these determine the task. Otherwise, it is a task with
    the same function and the same event: the first such task that was running when the function began, or the
    nearest one in time if none was running. Each task matches only once. (A task that Lambda rejected cannot
    be distinguished from its retry in any other way.) If a history lacks function events, like MiniStack's
    histories, the task must be the only task with its function at that time.
    """
    waiting: dict[object, deque[Task]] = defaultdict(deque)
    for task in tasks:
        if function := task.function:
            event = _text(task.payload)
            place = (task.execution.arn, task.state, task.attempt, function)
            for key in ((function, event), place, (*place, event)):
                waiting[key].append(task)
    taken: set[Task] = set()
    found = []
    for invocation in invocations:
        event = _text(parsed(invocation.payload))
        if invocation.execution_arn:
            place = (invocation.execution_arn, invocation.state, invocation.attempt, invocation.function)
            alike = waiting[*place, event] or waiting[place]
        else:
            alike = waiting[invocation.function, event]
            if not alike:
                untold = waiting[invocation.function, _text(None)]
                during = [task for task in untold if not _far(task, invocation.started_at)]
                alike = deque(during if len(during) == 1 else ())
        while alike and alike[0] in taken:
            alike.popleft()
        chosen = _nearest((task for task in alike if task not in taken), invocation.started_at)
        if chosen is not None:
            taken.add(chosen)
        found.append(chosen)
    return tuple(found)


def _text(value: Json) -> str:
    """Return a JSON value as a string. Equal values have equal strings."""
    return json.dumps(value, sort_keys=True)


def _nearest(tasks: Iterable[Task], at_s: float) -> Task | None:
    """Return the first task that was running at that time, or the nearest task if none was running."""
    nearest, least = None, 0.0
    for task in tasks:
        far = _far(task, at_s)
        if nearest is None or far < least:
            nearest, least = task, far
        if far == 0:
            break
    return nearest


def _far(task: Task, at_s: float) -> float:
    """Return the seconds until the task's start or since its end, rounded to ms, or 0 while it runs."""
    begin = task.scheduled.timestamp.timestamp() - 0.001
    end = at_s if task.ended is None else task.ended.timestamp.timestamp() + 0.001
    return max(begin - at_s, at_s - end, 0.0)
