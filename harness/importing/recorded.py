"""Executions as input for a project's file, which rebuilds the environment in which they ran.

`[tool.harness] seeds` names the file. It has a function that `harness import` calls:

    from collections.abc import Sequence

    from harness.importing.recorded import Rebuilt, Recorded, kept

    def seed_of(executions: Sequence[Recorded]) -> Rebuilt:
        names = {attempt.given["bucket"] for each in executions for state in each.states
                 if state.name == "Count" for attempt in state.attempts}
        return Rebuilt(seed={"buckets": {name: {} for name in sorted(names)}},
                       unknown=["which objects are in the buckets: no history shows it"])

Names are replaced consistently with the rest of the scenario. Other values are also replaced, except for
`kept` values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness.histories import Event, RecordedExecution
from harness.importing.reconstructing.visits import visits_of
from harness.json_types import Json, json_or_text
from harness.replay.attempts import Attempt


@dataclass(frozen=True)
class RecordedAttempt:
    """One attempt of a task.

    Attributes:
        given: its parameters, or the input of its function.
        answer: its result; None if it did not succeed.
        error: the error with which it failed, with its `cause`; "" for none.
        event: the ID of the event that started it; `ended` is the ID of its last event, 0 for none.
    """

    given: Json
    answer: Json
    error: str
    cause: str
    event: int
    ended: int


@dataclass(frozen=True)
class RecordedState:
    """A visit to a state, with its input and output.

    Attributes:
        kind: its type, such as `Task`.
        output: None if the state was not exited.
        attempts: the attempts of its task, in order.
        event: the ID of the event that entered it.
    """

    name: str
    kind: str
    input: Json
    output: Json
    attempts: tuple[RecordedAttempt, ...]
    event: int

    @property
    def answer(self) -> Json:
        """The result of the attempt that succeeded; None if there is none."""
        return next((each.answer for each in reversed(self.attempts) if not each.error and each.ended), None)


@dataclass(frozen=True)
class Recorded:
    """An execution.

    Attributes:
        name: "" if there is no output of DescribeExecution; likewise `machine`, the name of its machine.
        states: in the order in which they were entered, including states of branches and iterations.
        is_child: true if another imported execution started it.
        events: in the format of GetExecutionHistory.
    """

    name: str
    machine: str
    status: str
    input: Json
    output: Json
    started: datetime
    states: tuple[RecordedState, ...]
    is_child: bool = False
    events: tuple[Event, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Kept:
    """A value that stays unchanged, except for names in it."""

    value: Any


def kept(value: Any) -> Kept:
    """Keep a value that affects behaviour, such as a size or a key. It is not replaced."""
    return Kept(value)


@dataclass(frozen=True)
class Rebuilt:
    """The environment, as parts of a scenario.

    Attributes:
        seed: in the format of `seed` in a scenario.
        faults: entries in the format of `faults`, for the errors that the environment returned.
        expect: entries in the format of `expect`, in addition to the end.
        unknown: sentences about unknown facts.
        names: names and their harmless replacements, if the choice matters, for example for a sort order.
        comments: a comment above an entry, by the path to the entry, such as `("buckets", "photos")` in the
            seed, or by the number of a fault, such as `(0,)`.
    """

    seed: Mapping[str, Any]
    faults: Sequence[Mapping[str, Any]] = ()
    expect: Mapping[str, Any] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[tuple[str | int, ...], str] = field(default_factory=dict)


def recorded(execution: RecordedExecution, *, is_child: bool = False) -> Recorded:
    """Return an execution in the format for a project's file."""
    visits = [each for flows in visits_of([execution]).values() for flow in flows for each in flow]
    states = tuple(
        RecordedState(
            each.name,
            each.kind,
            each.input,
            each.output,
            tuple(map(_attempt, each.attempts)),
            each.entered.id,
        )
        for each in sorted(visits, key=lambda each: each.entered.id)
    )
    last = execution.events[-1]
    output = json_or_text(last.text("output")) if last.text("output") else None
    return Recorded(
        execution.name,
        execution.machine_name,
        execution.status,
        json_or_text(execution.input),
        output,
        datetime.fromtimestamp(execution.started, UTC),
        states,
        is_child,
        execution.events,
    )


def _attempt(attempt: Attempt) -> RecordedAttempt:
    ended = attempt.ended
    answer = json_or_text(ended.text("output")) if ended and attempt.succeeded else None
    error = "" if ended is None or attempt.succeeded else ended.text("error") or "States.TaskFailed"
    cause = ended.text("cause") if ended else ""
    return RecordedAttempt(
        attempt.parameters, answer, error, cause, attempt.scheduled.id, ended.id if ended else 0
    )
