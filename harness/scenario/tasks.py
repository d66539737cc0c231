"""Stand-ins: results and errors for tasks whose services or functions are outside the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from harness.scenario.base import (
    FIRST,
    FROM,
    NTH,
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
"""The keys that set a stand-in's result. Exactly one of them is required."""
CHOICES = ("nth", "first", "from")
"""The keys that select from a stand-in's matches. At most one of them is allowed."""


def _resource(text: str) -> str:
    if text.startswith("arn:") and named(text) == text:
        return text  # the resource for a function or an activity
    if not _RESOURCE.fullmatch(named(text)):
        raise RefusedError(
            f"invalid resource {text!r}",
            "write it as it appears in the state's Resource, for example ecs:runTask.sync or "
            "aws-sdk:s3:listObjectsV2",
        )
    return named(text)


def _python(text: str) -> str:
    if not _PYTHON.fullmatch(text):
        raise RefusedError(
            f"{text!r} is not a function in a Python file", "write it as path/to/file.py:function"
        )
    return text


_Error = Annotated[str, Field(min_length=1)] | None
_RESULT: Any = Field(
    default=None,
    description="The task's result. For an integration: its result in Step Functions. For a function: its "
    "return value.",
)
_ERROR: Any = Field(
    default=None,
    description="The name of the error with which the task fails, as in Retry and Catch: "
    "`Glue.ConcurrentRunsExceededException`. For a function: its errorType.",
)
_CAUSE: Any = Field(default=None, description="The error's cause. For a function: its message.")
_TAKES: Any = Field(default=None, alias="takes", description="Time on the virtual clock. Default: 100 ms.")


class TaskAnswer(Model):
    """A result or an error for a task."""

    result: Any = _RESULT
    error: _Error = _ERROR
    cause: str | None = _CAUSE
    takes_s: Seconds | None = _TAKES
    times: Positive = Field(default=1, description="Number of consecutive tasks.")


class TaskSpec(Model):
    """A stand-in that replaces a service or a function in state machine tasks.

    It has targets (`state`, `resource`, `function`; at least one), filters, a selection of matches, and a
    result. The first matching entry applies.
    """

    state: str = Field(default="", description="Tasks in the state with this name.")
    resource: Annotated[str, AfterValidator(_resource)] = Field(
        default="",
        description="Tasks of this integration, as it appears in the state's Resource: `ecs:runTask.sync`.",
    )
    function: FunctionId = Field(
        default="", description="Tasks that invoke this function, by logical ID, name or ARN."
    )
    run: RunName = OF_RUN
    iterations: Iterations = OF_ITERATIONS
    params: Mapping[str, Any] = Field(default={}, description="Only tasks with these parameters.")
    input: JsonMatcher | None = Field(
        default=None,
        description="Only tasks whose complete parameters match this JSON. For a function: its event.",
    )
    nth: Positive | None = NTH
    first: Positive | None = FIRST
    from_: Positive | None = FROM
    result: Any = _RESULT
    error: _Error = _ERROR
    cause: str | None = _CAUSE
    takes_s: Seconds | None = _TAKES
    results: tuple[TaskAnswer, ...] = Field(
        default=(),
        description="Results for consecutive tasks, counted in the same way. The entry does not apply to "
        "later tasks.",
    )
    python: Annotated[str, AfterValidator(_python)] = Field(
        default="",
        description="A project function that returns the result. It is called with the task's input: "
        "`tests/answers.py:run_task`, relative to the scenario file.",
    )
    mock: str = Field(
        default="",
        description="A mock configuration file for Step Functions Local, relative to the scenario file. It "
        "replaces all other keys.",
    )
    test_case: str = Field(default="", description="For mock: the test case whose responses are used.")
    state_machine: str = Field(
        default="",
        description="For mock: the state machine that has the test case. Default: the only one that has it.",
    )
    validation: Mode = Field(
        default="STRICT",
        description="Validation of results against AWS's API model, as in TestState. `PRESENT` validates "
        "only the members that are present and known. `NONE` disables validation.",
    )

    @property
    def answers(self) -> tuple[TaskAnswer, ...]:
        """The answers, in order."""
        given = ("result", "error", "cause", "takes_s")
        own = {name: getattr(self, name) for name in given if name in self.model_fields_set}
        return self.results or (TaskAnswer.model_construct(None, **own),)

    @property
    def only_by_state(self) -> bool:
        """Return whether the entry only specifies a state and a list of consecutive results."""
        more = {"function", "run", "iterations", "params", "input", "nth", "first", "from_", "python"}
        timed = any(answer.takes_s is not None for answer in self.answers)
        return bool(self.state or self.mock) and not timed and not more & self.model_fields_set

    @property
    def which(self) -> tuple[int, int | None]:
        """The first and the last match, counted from 1. None: no limit."""
        if self.results and self.nth is None:
            return 1, sum(answer.times for answer in self.results)
        return which(self.nth, self.first, self.from_)
