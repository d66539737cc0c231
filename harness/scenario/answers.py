"""Answers to tasks that wait for somebody outside: those of task tokens, and those of activities.

What must fit together in an entry is in `answer_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Protocol

from pydantic import AfterValidator, Field

from harness.json_types import Json
from harness.quotas import STATES_CAUSE_LENGTH, STATES_ERROR_LENGTH, STATES_NAME_LENGTH
from harness.scenario.base import OF_ITERATIONS, TIME_SCHEMA, Iterations, Model, Positive, Seconds, which
from harness.scenario.position import RefusedError
from harness.scenario.source import KeyPath


def _error(text: str) -> str:
    if len(text) > STATES_ERROR_LENGTH:
        raise RefusedError(
            f"an error of {len(text):,} characters cannot be sent",
            f"SendTaskFailure takes {STATES_ERROR_LENGTH}: write its name, and the rest into cause",
        )
    return text


def _cause(text: str) -> str:
    if len(text) > STATES_CAUSE_LENGTH:
        raise RefusedError(
            f"a cause of {len(text):,} characters cannot be sent",
            f"SendTaskFailure takes {STATES_CAUSE_LENGTH:,}: shorten it",
        )
    return text


def _worker(text: str) -> str:
    if not 1 <= len(text) <= STATES_NAME_LENGTH:
        raise RefusedError(
            f"a worker's name of {len(text)} characters cannot be sent",
            f"GetActivityTask takes 1 to {STATES_NAME_LENGTH}: shorten it, or write some text",
        )
    return text


def _some_time(seconds: float) -> float:
    if seconds <= 0:
        raise RefusedError("a heartbeat every 0 s never ends", "write the time between two heartbeats")
    return seconds


class Heartbeats(Model):
    """Heartbeats of a task that waits, each after as much time, until it is answered."""

    every_s: Annotated[Seconds, AfterValidator(_some_time)] = Field(
        alias="every", description="Time between two heartbeats; the first is as long after the task waits."
    )
    times: Positive | None = Field(
        default=None, description="Number of heartbeats. Default: until the task ends."
    )

    short_schema: ClassVar[Mapping[str, object] | None] = TIME_SCHEMA
    wants: ClassVar[str] = "a time, or a mapping with every and times"

    @classmethod
    def long_form(cls, value: Json) -> Json:
        """`{"every": time}` for a bare time."""
        return {"every": value} if isinstance(value, str) else value


class AnswerSpec(Model):
    """An answer to tasks of a state that wait for a task token or an activity's worker.

    With `output` it is SendTaskSuccess, with `error` SendTaskFailure; with `heartbeats` alone the task is
    kept alive, and then nobody answers; with `worker` alone it is taken, and that is all. Of several entries
    for a task the first that fits answers it.
    """

    state: Annotated[str, Field(min_length=1)] = Field(
        description="Name of the state, also of one inside of a Map or a Parallel, in any state machine."
    )
    when: Any = Field(
        default=None,
        description="Only where the state's input is this JSON, or a mapping that has all of its members.",
    )
    params: Mapping[str, Any] = Field(default={}, description="Only tasks with these parameters.")
    iterations: Iterations = OF_ITERATIONS
    nth: Positive | None = Field(
        default=None,
        description="Only the n-th that fits, in the order in which they are scheduled; a retry is another "
        "one.",
    )
    first: Positive | None = Field(default=None, description="Only the first n that fit; counted likewise.")
    from_: Positive | None = Field(
        default=None, alias="from", description="Only the n-th that fits and all after it; counted likewise."
    )
    after_s: Seconds = Field(
        default=0.0,
        alias="after",
        description="Time from when the task waits (TaskSubmitted, ActivityStarted) to the answer. Default: "
        "at once.",
    )
    output: Any = Field(
        default=None,
        description="The task's result: any JSON; as in Parameters, `name.$` takes a path in the state's "
        "input.",
    )
    error: Annotated[str, AfterValidator(_error)] | None = Field(
        default=None, description="The task fails with this error."
    )
    cause: Annotated[str, AfterValidator(_cause)] | None = Field(
        default=None, description="The cause of its failure."
    )
    heartbeats: Heartbeats | None = Field(default=None, description="Heartbeats until the answer.")
    worker: Annotated[str, AfterValidator(_worker)] | None = Field(
        default=None,
        description="Of an activity: the name of the worker that takes the task, as soon as it is scheduled. "
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
        """The first and the last of those that fit, counted from 1; None for all from the first on."""
        return which(self.nth, self.first, self.from_)


class PlacedAnswer(NamedTuple):
    """An answer at its key path; `run` is the name of the run that has answers of its own, "" for none."""

    at: KeyPath
    spec: AnswerSpec
    run: str


class _Run(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def answers(self) -> Sequence[AnswerSpec] | None: ...


class _Answered(Protocol):
    """A scenario, as far as answers are concerned."""

    @property
    def answers(self) -> Sequence[AnswerSpec]: ...

    @property
    def runs(self) -> Sequence[_Run]: ...


def placed_answers(scenario: _Answered) -> Iterator[PlacedAnswer]:
    """All answers of a scenario in their order: those for all runs, then those of single ones."""
    for n, spec in enumerate(scenario.answers):
        yield PlacedAnswer(("answers", n), spec, "")
    for number, run in enumerate(scenario.runs):
        for n, spec in enumerate(run.answers or ()):
            yield PlacedAnswer(("run", number, "answers", n), spec, run.name)
