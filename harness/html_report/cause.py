"""The cause of a failure in one line: state and its place, function, error, and the line of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pydantic import BaseModel

from harness.expect.values import message_of
from harness.observe.model import Execution, Observation
from harness.observe.tasks import track
from harness.report.explain import FailedTask, explain
from harness.report.happened import last_frame
from harness.report.layout import shown_path
from harness.report.model import Result

LONGEST: Final = 280
"""Characters of an error's cause that are shown."""
_WANTED: Final = ("expect", "faults", "tasks", "calls", "hosts", "answers", "runs")
_BEGINNING: Final = re.compile(
    r"An error occurred while executing the state '[^']*' \(entered at the event id #\d+\)\. "
)


@dataclass(frozen=True)
class Expected:
    """The failures that a scenario asks for: errors by name, and the executions that ended as it says."""

    texts: str = ""
    ends: frozenset[str] = frozenset()

    @classmethod
    def of(cls, result: Result) -> Expected:
        """Those of a result."""
        texts = " ".join(text for name in _WANTED for text in _texts(getattr(result.scenario, name)))
        wrong = {each.run for each in result.mismatches if each.expectation == "execution"}
        runs = result.observation.runs if result.observation is not None else ()
        return cls(
            texts,
            frozenset(
                run.execution.arn
                for run in runs
                if run.name not in wrong and result.scenario.expected("execution", run.name)
            ),
        )

    def names(self, error: str) -> bool:
        """Say whether the scenario has an error's name."""
        return bool(error) and re.search(rf"(?<!\w){re.escape(error)}(?!\w)", self.texts) is not None


def cause_in_words(result: Result) -> str:
    """The task that failed first, or the end of an execution; "" where nothing looks like a failure."""
    return cause_of(result.observation, Expected.of(result)) if result.observation is not None else ""


def cause_of(observation: Observation, expected: Expected = Expected()) -> str:
    """The same of what was observed.

    A task that nothing has handled comes first, then a state that failed by itself, such as a Choice whose
    path is not there; then tasks whose errors were caught, and Fail states.
    """
    tasks = [task for task in explain(observation).tasks if not _is_wanted(task, expected)]
    executions = chain(
        (each for run in observation.runs for each in run.executions), observation.failed_items
    )
    ends = [e for e in executions if e.status not in ("SUCCEEDED", "RUNNING") and e.arn not in expected.ends]
    others = [each for each in ends if not _is_own(each) and not expected.names(each.error or "")]
    found = chain(
        (_task(observation, task) for task in tasks if not task.handled),
        (_end(observation, each) for each in ends if _is_own(each)),
        (_task(observation, task) for task in tasks if task.handled),
        (_end(observation, each) for each in others),
    )
    return next(filter(None, found), "")


def state_place(observation: Observation, machine: str, state: str) -> str:
    """The place of a state in the project's files: `order.asl.json:33`; "" where it is not known."""
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  (failures only)

    from harness.stack.state_places import state_position  # noqa: PLC0415  (failures only)

    executions = (each for run in observation.runs for each in run.executions)
    arns = (each.machine_arn for each in executions if each.machine_name == machine)
    origin = next(filter(None, map(observation.access.origin, arns)), None)
    if origin is None or not state:
        return ""
    with suppress(OSError, ValueError, YAMLError):  # a file that has changed meanwhile
        where = state_position(origin, state)
        return f"{shown_path(where.path)}:{where.line}"
    return ""


def _is_wanted(task: FailedTask, expected: Expected) -> bool:
    """Say whether the scenario makes a task fail, or expects it to, and the machine has handled it."""
    invocation = task.invocation
    injected = invocation is not None and (invocation.faults or any(c.injected for c in invocation.calls))
    return bool(task.handled and (injected or expected.names(task.error)))


def _is_own(execution: Execution) -> bool:
    """Say whether an execution ended by an error of its last state itself, neither a task's nor a Fail's."""
    last = track(execution).last
    if not execution.error or last is None or last.kind == "Fail":
        return False
    return not last.tasks or last.tasks[-1].succeeded


def _task(observation: Observation, task: FailedTask) -> str:
    error = task.invocation.error if task.invocation is not None else None
    place = last_frame(error.stack_trace) if error is not None else ""
    why = ": ".join(filter(None, (task.error, _short(task.cause))))
    by = f": {task.function}" if task.function else ""
    handled = f" ({task.handled})" if task.handled else ""
    at = f", at {place}" if place else ""
    return f"{_state(observation, task.machine, task.state)}{by}: {why}{at}{handled}"


def _end(observation: Observation, execution: Execution) -> str:
    if not (execution.error or execution.cause):
        return ""
    last = track(execution).last
    state = f"{_state(observation, execution.machine_name, last.name)}: " if last is not None else ""
    return state + ": ".join(filter(None, (execution.error, _short(message_of(execution.cause or "")))))


def _state(observation: Observation, machine: str, state: str) -> str:
    place = state_place(observation, machine, state)
    return f"state {state}" + (f" ({place})" if place else "")


def _short(cause: str) -> str:
    """The first line of a cause, without AWS's beginning and without the end of what is long."""
    text = next(iter(_BEGINNING.sub("", cause, count=1).splitlines()), "")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _texts(value: object) -> Iterator[str]:
    """All texts in a part of a scenario."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        yield from _texts(dict(value))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(key)
            yield from _texts(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each)
