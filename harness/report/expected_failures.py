"""Separates the failures that a scenario expects from the failures that may have made it fail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from pydantic import BaseModel

from harness.observe.model import Execution, Observation
from harness.report.explain import RETRIED, Ending, Explanation, FailedTask, explain
from harness.report.model import Result

_WANTED, _MADE = ("expect",), ("faults", "tasks", "calls", "hosts", "answers")
"""The parts of a scenario that expect or cause failures."""


class Expected:
    """The failures in a result that its scenario expects: failures that it names or injects, and that are
    handled.
    """

    def __init__(self, result: Result) -> None:
        self._made = _all_texts(result, _MADE)
        self._texts = _all_texts(result, _WANTED) + self._made
        self._ends = _expected_ends(result)

    def is_ending(self, ending: Ending) -> bool:
        """Return whether the scenario expects the execution to end like this."""
        return ending.of is not None and ending.of.arn in self._ends

    def is_task(self, task: FailedTask) -> bool:
        """Return whether the scenario expects the task to fail: with a named error, or because of one of its
        faults.
        """
        as_its_end = task.of is not None and task.of.arn in self._ends and task.of.error == task.error
        return as_its_end or (
            bool(task.handled) and (_is_injected(task) or _is_named(task.error, self._texts))
        )

    def mark(self, task: FailedTask) -> str:
        """Return the label of a task that was expected to fail; "" for any other."""
        if not self.is_task(task):
            return ""
        made = _is_injected(task) or _is_named(task.error, self._made)
        return "by the scenario" if made else "expected"


@dataclass(frozen=True)
class Parted:
    """All failures, split into possible causes and failures that were expected or followed by a successful
    retry.

    Calls that returned errors are in the second group.
    """

    all: Explanation
    causes: Explanation
    others: Explanation
    expected: Expected


def parted(result: Result, seen: Observation) -> Parted:
    """Return the failures of a result. An unexpected error that ends an execution is a cause."""
    found, expected = explain(seen), Expected(result)
    ends = {each.error for each in found.endings if not expected.is_ending(each)}
    causes: list[FailedTask] = []
    others: list[FailedTask] = []
    for task in found.tasks:
        mended = task.handled == RETRIED or (task.error not in ends and expected.is_task(task))
        (others if mended else causes).append(task)
    return Parted(
        found,
        Explanation(
            tuple(each for each in found.endings if not expected.is_ending(each)),
            tuple(causes),
            found.invocations,
        ),
        Explanation(tuple(filter(expected.is_ending, found.endings)), tuple(others), calls=found.calls),
        expected,
    )


def _is_named(error: str, texts: str) -> bool:
    """Return whether the strings contain an error's name or its short form: `TooManyRequestsException`."""
    names = filter(None, {error, error.rpartition(".")[2]})
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", texts) for name in names)


def _is_injected(task: FailedTask) -> bool:
    invocation = task.invocation
    return invocation is not None and bool(
        invocation.faults or any(call.injected for call in invocation.calls)
    )


def _expected_ends(result: Result) -> Set[str]:
    """Return the executions that ended the way the scenario describes."""
    if result.observation is None:
        return frozenset()
    wrong = {each.run for each in result.mismatches if each.expectation == "execution"}
    asked = (run for run in result.observation.runs if result.scenario.expected("execution", run.name))
    return {run.execution.arn for run in asked if run.name not in wrong and _is_told(run.execution)}


def _is_told(execution: Execution) -> bool:
    return execution.status not in ("SUCCEEDED", "RUNNING")


def _all_texts(result: Result, fields: Sequence[str]) -> str:
    return " ".join(text for name in fields for text in _texts(getattr(result.scenario, name))) + " "


def _texts(value: object) -> Iterator[str]:
    """Yield all strings in a part of a scenario."""
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
