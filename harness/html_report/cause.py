"""The cause of a failure in one line: function or state, error, and the line of the code."""

from __future__ import annotations

from harness.observe.model import Observation
from harness.report.explain import Explanation, FailedTask, explain
from harness.report.happened import last_frame
from harness.report.model import Result


def cause_in_words(result: Result) -> str:
    """The task that failed first, or the end of an execution; "" where nothing looks like a failure."""
    return cause_of(result.observation) if result.observation is not None else ""


def cause_of(observation: Observation) -> str:
    """The same of what was observed."""
    found = explain(observation)
    task = next((task for task in found.tasks if not _is_wanted(task)), None)
    return _task(task) if task is not None else _ending(found)


def _is_wanted(task: FailedTask) -> bool:
    """Say whether a fault of the scenario made a task fail, and the machine has handled it."""
    invocation = task.invocation
    injected = invocation is not None and (invocation.faults or any(c.injected for c in invocation.calls))
    return bool(task.handled and injected)


def _task(task: FailedTask) -> str:
    error = task.invocation.error if task.invocation is not None else None
    place = last_frame(error.stack_trace) if error is not None else ""
    why = ": ".join(filter(None, (task.error, *task.cause.splitlines()[:1])))
    by = f": {task.function}" if task.function else ""
    handled = f" ({task.handled})" if task.handled else ""
    return f"state {task.state}{by}: {why}{f', at {place}' if place else ''}{handled}"


def _ending(found: Explanation) -> str:
    ending = next(iter(found.endings), None)
    if ending is None or not (ending.error or ending.cause):
        return ""
    state = f"state {ending.state}: " if ending.state else ""
    return state + ": ".join(filter(None, (ending.error, *ending.cause.splitlines()[:1])))
