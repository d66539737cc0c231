"""Stand-ins: results and errors of tasks in the place of what does not run here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from harness.scenario.base import (
    OF_ITERATIONS,
    OF_RUN,
    FunctionId,
    Iterations,
    Model,
    Positive,
    RunName,
    Seconds,
    which,
)
from harness.scenario.matcher import JsonMatcher
from harness.scenario.position import RefusedError
from harness.scenario.results.check import Mode
from harness.scenario.results.models import named

_RESOURCE = re.compile(
    r"(aws-sdk:[a-z0-9]+|[a-z0-9-]+):[a-z][A-Za-z0-9]*(\.sync|\.sync:2|\.waitForTaskToken)?"
)
_PYTHON = re.compile(r"[^:\0]+\.py:[A-Za-z_]\w*")
ANSWERS = ("result", "error", "results", "python", "mock")
"""The keys that say what a stand-in answers; exactly one of them is given."""
CHOICES = ("nth", "first", "from")
"""The keys that say which of those that fit it answers; at most one of them."""


def _resource(text: str) -> str:
    if text.startswith("arn:") and named(text) == text:
        return text  # of a function, or an activity
    if not _RESOURCE.fullmatch(named(text)):
        raise RefusedError(
            f"invalid resource {text!r}",
            "write it as in the state's Resource, such as ecs:runTask.sync or aws-sdk:s3:listObjectsV2",
        )
    return named(text)


def _python(text: str) -> str:
    if not _PYTHON.fullmatch(text):
        raise RefusedError(
            f"{text!r} is no function of a Python file", "write it as path/to/file.py:function"
        )
    return text


_Error = Annotated[str, Field(min_length=1)] | None
_RESULT: Any = Field(
    default=None,
    description="The task's result: of an integration as Step Functions shows it, of a function what it "
    "returns.",
)
_ERROR: Any = Field(
    default=None,
    description="The error that the task fails with, as Retry and Catch name it: "
    "`Glue.ConcurrentRunsExceededException`; of a function its errorType.",
)
_CAUSE: Any = Field(default=None, description="The error's cause; of a function its message.")
_TAKES: Any = Field(default=None, alias="takes", description="Time on the virtual clock. Default: 100 ms.")


class TaskAnswer(Model):
    """A result, or an error, of a task."""

    result: Any = _RESULT
    error: _Error = _ERROR
    cause: str | None = _CAUSE
    takes_s: Seconds | None = _TAKES
    times: Positive = Field(default=1, description="So many times in a row.")


class TaskSpec(Model):
    """A stand-in: it answers tasks of state machines in the place of a service or a function.

    Tasks (`state`, `resource`, `function`; at least one), filters, which of those that fit, and the answer.
    The first entry that fits decides.
    """

    state: str = Field(default="", description="Tasks of the state of this name.")
    resource: Annotated[str, AfterValidator(_resource)] = Field(
        default="", description="Tasks of this integration, as in the state's Resource: `ecs:runTask.sync`."
    )
    function: FunctionId = Field(
        default="", description="Tasks that invoke this function: its logical id, name or ARN."
    )
    run: RunName = OF_RUN
    iterations: Iterations = OF_ITERATIONS
    params: Mapping[str, Any] = Field(default={}, description="Only tasks with these parameters.")
    input: JsonMatcher | None = Field(
        default=None,
        description="Only tasks with such parameters as a whole, in JSON; of a function with such an event.",
    )
    nth: Positive | None = Field(
        default=None,
        description="Only the n-th that fits, counted in each state of each execution by itself.",
    )
    first: Positive | None = Field(default=None, description="Only the first n that fit; counted likewise.")
    from_: Positive | None = Field(
        default=None, alias="from", description="Only the n-th that fits and all after it; counted likewise."
    )
    result: Any = _RESULT
    error: _Error = _ERROR
    cause: str | None = _CAUSE
    takes_s: Seconds | None = _TAKES
    results: tuple[TaskAnswer, ...] = Field(
        default=(),
        description="Answers to one task after another; counted likewise. What comes after the last one is "
        "not answered.",
    )
    python: Annotated[str, AfterValidator(_python)] = Field(
        default="",
        description="A function of the project that gives the result, called with the task's input: "
        "`tests/answers.py:run_task`, relative to the scenario file.",
    )
    mock: str = Field(
        default="",
        description="A mock configuration file of Step Functions Local, relative to the scenario file, "
        "instead of anything else.",
    )
    test_case: str = Field(default="", description="Of mock: the test case whose responses are taken.")
    state_machine: str = Field(
        default="", description="Of mock: the state machine that has it. Default: the only one that does."
    )
    validation: Mode = Field(
        default="STRICT",
        description="How a result is compared with AWS's model of it, as in TestState: `PRESENT` only what "
        "is there and known, `NONE` not at all.",
    )

    @property
    def answers(self) -> tuple[TaskAnswer, ...]:
        """The answers, one after another."""
        given = ("result", "error", "cause", "takes_s")
        own = {name: getattr(self, name) for name in given if name in self.model_fields_set}
        return self.results or (TaskAnswer.model_construct(None, **own),)

    @property
    def only_by_state(self) -> bool:
        """True if it says no more than a state, and what answers one attempt after another."""
        more = {"function", "run", "iterations", "params", "input", "nth", "first", "from_", "python"}
        timed = any(answer.takes_s is not None for answer in self.answers)
        return bool(self.state or self.mock) and not timed and not more & self.model_fields_set

    @property
    def which(self) -> tuple[int, int | None]:
        """The first and the last of those that fit, counted from 1; None for all from the first on."""
        if self.results and self.nth is None:
            return 1, sum(answer.times for answer in self.results)
        return which(self.nth, self.first, self.from_)
