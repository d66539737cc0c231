"""Answers to tasks that wait for somebody outside, and what became of them.

They are values that processes exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, TypeAlias

from harness.json_types import Json

Kind: TypeAlias = Literal["success", "failure", "silence"]
"""SendTaskSuccess, SendTaskFailure, or neither of them: heartbeats, and then nothing."""
Trouble: TypeAlias = Literal["late", "answered", "output", "endless", "worker"]
"""The reason for which an answer, or a heartbeat, was not given to a task.

`late`: the task had timed out. `answered`: somebody else had ended it. `output`: the answer's output cannot
be made, or is too large. `endless`: no answer for a task without a time-out. `worker`: the task has a token
that no worker takes.
"""
WAITS: Final = ""
WORKER: Final = "scenario"
"""The name of the worker that takes tasks of activities for a scenario, unless it gives another."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is given to tasks of a state which wait for somebody outside.

    Attributes:
        kind: the call that ends the task.
        execution_arn: only tasks of this execution, and of those that it started; "" for any execution that
            has no answers of its own.
        when: only tasks whose state's input equals this, or has its members; None for any.
        params: only tasks whose parameters have these members.
        first: with `last`, which of those that fit, counted from 1; `last` is None for all from there on.
        after_s: the time from when the task waits to the answer.
        output: the payload template of the result, of a success; `$` is the state's input.
        every_s: the time between heartbeats; None without them.
        beats: the number of heartbeats; None for all until the end of the task.
        worker: the name of the worker that takes the task of an activity; "" for WORKER.
        iterations: only tasks in these iterations of inline Maps, by the names of the Maps.
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
        """True when a worker takes the task, and nothing is heard of it."""
        return self.kind == "silence" and self.every_s is None


@dataclass(frozen=True, slots=True)
class Missed:
    """A task to which an answer could not be given as it is written.

    Attributes:
        since_s: how long the task was over when the answer was due, in seconds.
        detail: more about the reason, for people.
    """

    trouble: Trouble
    execution_arn: str
    since_s: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AnswerSeen:
    """All that became of one entry.

    Attributes:
        waited: the tasks of its state that waited, in the executions that it is for.
        fitted: those of them whose input and parameters fit.
        chosen: those that it was for: no entry before it was, and their number is right.
        given: those that it has ended, or at least kept alive.
        aborted: those that were over before it was due, by something that is no time-out.
        other_input: the input of the first that did not fit; None when all did.
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
    """All that became of a scenario's answers.

    Attributes:
        entries: in the order of the scenario.
        states: every Task state of the machines that there were -> its Resource, WAITS for one that waits
            for somebody outside; of several states with a name that is said of any of them.
    """

    entries: tuple[AnswerSeen, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` and JSON have made of it."""
        entries = (
            AnswerSeen(**{**entry, "missed": tuple(Missed(**each) for each in entry["missed"])})
            for entry in data["entries"]
        )
        return cls(tuple(entries), data["states"])
