"""Responses to tasks that wait for an external system: task tokens and activities.

`answer_rules` contains the rules for combinations of keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Protocol

from pydantic import AfterValidator, Field

from harness.json_types import Json
from harness.quotas import STATES_CAUSE_LENGTH, STATES_ERROR_LENGTH, STATES_NAME_LENGTH
from harness.scenario.base import (
    FIRST,
    FROM,
    OF_ITERATIONS,
    TIME_SCHEMA,
    Iterations,
    Model,
    Positive,
    Seconds,
    which,
)
from harness.scenario.position import RefusedError
from harness.scenario.source import KeyPath


def _error(text: str) -> str:
    if len(text) > STATES_ERROR_LENGTH:
        raise RefusedError(
            f"the error is too long: {len(text):,} characters",
            f"SendTaskFailure accepts {STATES_ERROR_LENGTH}: use a short name here and put the rest into "
            "cause",
        )
    return text


def _cause(text: str) -> str:
    if len(text) > STATES_CAUSE_LENGTH:
        raise RefusedError(
            f"the cause is too long: {len(text):,} characters",
            f"SendTaskFailure accepts {STATES_CAUSE_LENGTH:,}: shorten it",
        )
    return text


def _worker(text: str) -> str:
    if not 1 <= len(text) <= STATES_NAME_LENGTH:
        raise RefusedError(
            f"invalid length of a worker's name: {len(text)} characters",
            f"GetActivityTask accepts 1 to {STATES_NAME_LENGTH}: use a name of that length",
        )
    return text


def _some_time(seconds: float) -> float:
    if seconds <= 0:
        raise RefusedError("a heartbeat every 0 s would never end", "set the time between two heartbeats")
    return seconds


class Heartbeats(Model):
    """Heartbeats for a waiting task, sent at a fixed interval until it gets its answer."""

    every_s: Annotated[Seconds, AfterValidator(_some_time)] = Field(
        alias="every",
        description="Time between two heartbeats, and from the start of the wait to the first heartbeat.",
    )
    times: Positive | None = Field(
        default=None, description="Number of heartbeats. Default: until the task ends."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = TIME_SCHEMA
    wants: ClassVar[str] = "a time, or a mapping with every and times"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """Convert a bare time into `{"every": time}`."""
        return {"every": value} if isinstance(value, str) else value


class AnswerSpec(Model):
    """An answer to tasks that wait for a task token or an activity worker.

    With `output`, the answer is SendTaskSuccess. With `error`, it is SendTaskFailure. With only `heartbeats`,
    the task is kept alive but never gets an answer. With only `worker`, the worker takes the task and never
    responds. If several entries match a task, the first one applies.
    """

    state: Annotated[str, Field(min_length=1)] = Field(
        description="Name of the state, in any state machine, including states inside a Map or Parallel "
        "state."
    )
    when: Any = Field(
        default=None,
        description="Only if the state's input equals this JSON, or contains all members of this mapping.",
    )
    params: Mapping[str, Any] = Field(default={}, description="Only tasks with these parameters.")
    iterations: Iterations = OF_ITERATIONS
    nth: Positive | None = Field(
        default=None,
        description="Only the nth match, in the order in which tasks are scheduled. A retry counts as a "
        "separate task.",
    )
    first: Positive | None = FIRST
    from_: Positive | None = FROM
    after_s: Seconds = Field(
        default=0.0,
        alias="after",
        description="Time from the start of the wait (TaskSubmitted, ActivityStarted) to the answer. "
        "Default: immediately.",
    )
    output: Any = Field(
        default=None,
        description="The task's result: any JSON. As in Parameters, `name.$` takes a path in the state's "
        "input.",
    )
    error: Annotated[str, AfterValidator(_error)] | None = Field(
        default=None, description="The error name with which the task fails."
    )
    cause: Annotated[str, AfterValidator(_cause)] | None = Field(
        default=None, description="The cause of the failure."
    )
    heartbeats: Heartbeats | None = Field(default=None, description="Heartbeats until the answer.")
    worker: Annotated[str, AfterValidator(_worker)] | None = Field(
        default=None,
        description="For activities: the name of the worker that takes the task as soon as it is scheduled. "
        "Default: `scenario`.",
    )

    @property
    def kind(self) -> Literal["success", "failure", "silence"]:
        """The call that ends the task."""
        if "output" in self.model_fields_set:
            return "success"
        return "failure" if {"error", "cause"} & self.model_fields_set else "silence"

    @property
    def which(self) -> tuple[int, int | None]:
        """The first and the last match, counted from 1. None: no limit."""
        return which(self.nth, self.first, self.from_)


class PlacedAnswer(NamedTuple):
    """An answer with its key path. `run` is the name of the answer's run, or "" for all runs."""

    at: KeyPath
    spec: AnswerSpec
    run: str


class _Run(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def answers(self) -> Sequence[AnswerSpec] | None: ...


class _Answered(Protocol):
    """The parts of a scenario that contain answers."""

    @property
    def answers(self) -> Sequence[AnswerSpec]: ...

    @property
    def runs(self) -> Sequence[_Run]: ...


def placed_answers(scenario: _Answered) -> Iterator[PlacedAnswer]:
    """Return all answers in a scenario in order: answers for all runs first, then answers for single runs."""
    for n, spec in enumerate(scenario.answers):
        yield PlacedAnswer(("answers", n), spec, "")
    for number, run in enumerate(scenario.runs):
        for n, spec in enumerate(run.answers or ()):
            yield PlacedAnswer(("run", number, "answers", n), spec, run.name)
