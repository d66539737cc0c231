"""The cause of a failure on one line: state with location, function, error, and line of code."""

from __future__ import annotations

import re
from itertools import chain
from typing import Final

from harness.observe.model import Observation
from harness.observe.places import Places
from harness.report.expected_failures import parted
from harness.report.explain import Ending, Explanation, FailedTask, explain
from harness.report.happened import last_frame
from harness.report.layout import in_words
from harness.report.model import Result

LONGEST: Final = 280
"""Maximum number of characters to show from an error's cause."""
_BEGINNING: Final = re.compile(
    r"An error occurred while executing the state '[^']*' \(entered at the event id #\d+\)\. "
)


def cause_in_words(result: Result) -> str:
    """Return the task that failed first, or the end of an execution; "" if there are no failures.

    A failure that the scenario expects or injects is not a cause.
    """
    seen = result.observation
    return cause_of(seen, parted(result, seen).causes) if seen is not None else ""


def cause_of(observation: Observation, found: Explanation | None = None) -> str:
    """Return the cause among the failures in an observation; by default, among all failures.

    A task with an unhandled error comes first, then a state that failed without a task, such as a Choice
    whose path was not found. Tasks with caught errors follow, then Fail states.
    """
    found, places = found or explain(observation), Places(observation)
    ends = [each for each in found.endings if each.status != "RUNNING"]
    texts = chain(
        (_task(task, places) for task in found.tasks if not task.handled),
        (_end(each, places) for each in ends if _is_own(each)),
        (_task(task, places) for task in found.tasks if task.handled),
        (_end(each, places) for each in ends if not _is_own(each)),
    )
    return next(filter(None, texts), "")


def _is_own(ending: Ending) -> bool:
    """Return whether an execution ended with an error in its last state itself, not in a task or a
    Fail state.
    """
    last = ending.visit
    if not ending.error or last is None or last.kind == "Fail":
        return False
    return not last.tasks or last.tasks[-1].succeeded


def _task(task: FailedTask, places: Places) -> str:
    error = task.invocation.error if task.invocation is not None else None
    place = last_frame(error.stack_trace) if error is not None else ""
    why = ": ".join(filter(None, (task.error, _short(task.cause))))
    by = f": {task.function}" if task.function else ""
    handled = f" ({task.handled})" if task.handled else ""
    at = f", at {place}" if place else ""
    return f"state {task.state}{in_words(places.of_state(task.of, task.state))}{by}: {why}{at}{handled}"


def _end(ending: Ending, places: Places) -> str:
    if not (ending.error or ending.cause):
        return ""
    state = (
        f"state {ending.state}{in_words(places.of_state(ending.of, ending.state))}: " if ending.state else ""
    )
    return state + ": ".join(filter(None, (ending.error, _short(ending.cause))))


def _short(cause: str) -> str:
    """Return the first line of a cause, without AWS's prefix and truncated if long."""
    text = next(iter(_BEGINNING.sub("", cause, count=1).splitlines()), "")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
