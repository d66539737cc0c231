"""Answers to tasks that wait for a callback, and their results.

These objects are passed between processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, TypeAlias

from harness.json_types import Json

Kind: TypeAlias = Literal["success", "failure", "silence"]
"""The kind of answer: SendTaskSuccess, SendTaskFailure, or silence, which can include heartbeats but never
ends the task.
"""
Trouble: TypeAlias = Literal["late", "answered", "output", "endless", "worker"]
"""The reason why a task did not get its answer or a heartbeat.

`late`: the task had already timed out. `answered`: a different caller had already ended it. `output`: the
answer's output cannot be computed, or is too large. `endless`: the task gets no answer and has no timeout.
`worker`: the task has a token but is not an activity task, so no worker can take it.
"""
WAITS: Final = ""
WORKER: Final = "scenario"
"""Default name of the worker that takes activity tasks for a scenario."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer for a state's tasks that wait for a callback.

    Attributes:
        kind: the call that ends the task.
        execution_arn: only tasks in this execution, and in executions that it started; "" for any execution
            without its own answers.
        when: only tasks whose state's input equals this value, or contains its members; None for any.
        params: only tasks whose parameters contain these members.
        first: the first matching task to answer, counted from 1. `last` is the last one; None for all tasks
            from `first` on.
        after_s: the time between the start of the wait and the answer.
        output: the payload template for a successful result; `$` is the state's input.
        every_s: the time between heartbeats; None for no heartbeats.
        beats: the number of heartbeats; None to send them until the task ends.
        worker: the name of the worker that takes an activity task; "" for WORKER.
        iterations: only tasks in these inline Map iterations, by the names of the Maps.
    """

    state: str
    kind: Kind
    execution_arn: str = ""
    when: Json = None
    params: Mapping[str, Any] = field(default_factory=dict)
    first: int = 1
    last: int | None = None
    after_s: float = 0.0
    output: Json = None
    error: str | None = None
    cause: str | None = None
    every_s: float | None = None
    beats: int | None = None
    worker: str = ""
    iterations: Mapping[str, int] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        """True if the task gets neither an answer nor heartbeats."""
        return self.kind == "silence" and self.every_s is None


@dataclass(frozen=True, slots=True)
class Missed:
    """A task that could not get its configured answer.

    Attributes:
        since_s: the time from the end of the task until its answer would have been sent, in seconds.
        detail: further details about the reason, for display.
    """

    trouble: Trouble
    execution_arn: str
    since_s: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """The usage counts for one answer entry.

    Attributes:
        waited: the number of its state's waiting tasks, in its executions.
        fitted: the number of those tasks whose input and parameters match.
        chosen: the number of matching tasks that were assigned to this entry because their number is in its
            range and no earlier entry answers them.
        given: the number of chosen tasks that the entry has ended, or at least sent heartbeats to.
        aborted: the number of chosen tasks that ended before the answer for a reason other than a timeout.
        other_input: the input of the first task that did not match; None if all tasks matched.
    """

    waited: int = 0
    fitted: int = 0
    chosen: int = 0
    given: int = 0
    aborted: int = 0
    missed: tuple[Missed, ...] = ()
    other_input: Json = None


@dataclass(frozen=True, slots=True)
class AnswersSeen:
    """The results of a scenario's answers.

    Attributes:
        entries: in scenario order.
        states: maps every Task state in the deployed machines to its Resource, or to WAITS if it waits for a
            callback. If several states share a name, WAITS applies if any of them waits.
    """

    entries: tuple[AnswerSeen, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the format that `dataclasses.asdict` and JSON produce."""
        entries = (
            AnswerSeen(**{**entry, "missed": tuple(Missed(**each) for each in entry["missed"])})
            for entry in data["entries"]
        )
        return cls(tuple(entries), data["states"])
