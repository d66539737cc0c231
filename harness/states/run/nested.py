"""The port for executions that start other executions: `states:startExecution` with `.sync` and `.sync:2`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from harness.json_types import JsonObject

from ..errors import RUNTIME, TASK_FAILED
from ..payload import to_text
from ..randomness import Randomness
from ..resource import Resource
from ..time.completion import Completion
from ..time.work import TaskFailed, TaskSubmitted, TaskSucceeded, Work
from .execution import Execution, Status
from .service_results import ended_execution_result, sdk_start_execution_result, start_execution_result
from .task_port import TaskRequest

Start: TypeAlias = Callable[[JsonObject], Execution | TaskFailed]
"""Starts an execution with StartExecution's parameters. Returns it, or the error in AWS's wording."""


class NestedExecutions:
    """Starts executions in the same simulation.

    With `.waitForTaskToken`, the task ends when its token is used.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._randomness = Randomness("states:startExecution")

    def start(self, request: TaskRequest) -> Work:
        """Start an execution. The call itself takes the default time."""
        if not isinstance(request.parameters, dict):
            return Work.done(TaskFailed(RUNTIME, "The parameters of startExecution must be an object"))
        started = self._start(request.parameters)
        if isinstance(started, TaskFailed):
            return Work.done(started)
        resource = Resource.of(request.resource)
        if resource.type == "aws-sdk:sfn":
            return Work.done(TaskSucceeded(sdk_start_execution_result(started)))
        answer = start_execution_result(started, request_id=self._randomness.uuid())
        if ".sync" not in resource.name:
            return Work.done(TaskSucceeded(answer))
        completion = Completion(lambda: started.running and started.waits_outside)
        parsed = resource.name.endswith(".sync:2")
        started.on_end(lambda execution: _complete(completion, execution, parsed=parsed))
        return Work.done(TaskSubmitted(answer, completion))


def _complete(completion: Completion, execution: Execution, *, parsed: bool) -> None:
    result = ended_execution_result(execution, parsed=parsed)
    if execution.status is Status.SUCCEEDED:
        completion.succeed(result)
    else:
        completion.fail(TASK_FAILED, to_text(result))
