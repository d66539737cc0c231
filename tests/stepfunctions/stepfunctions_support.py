"""An API with its own simulation, and scripted tasks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.states import Simulation, TaskRequest, TaskSucceeded, VirtualClock, Work
from harness.stepfunctions.api import StepFunctions
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.errors import ApiError
from harness.stepfunctions.logs import Line

CALLER = Caller("123456789012", "eu-west-1")
ROLE = "arn:aws:iam::123456789012:role/states"
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def wait(seconds: int) -> dict[str, Any]:
    """A machine that waits."""
    return {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}}


def waits_then_passes(seconds: int) -> dict[str, Any]:
    """A machine that waits and then has another state."""
    states = {"W": {"Type": "Wait", "Seconds": seconds, "Next": "A"}, "A": {"Type": "Pass", "End": True}}
    return {"StartAt": "W", "States": states}


class Port:
    """Tasks that answer with `result`, at once."""

    def __init__(self, result: Any = None) -> None:
        self.requests: list[TaskRequest] = []
        self.result = result
        self.on_start: Callable[[TaskRequest], None] = lambda request: None

    def start(self, request: TaskRequest) -> Work:
        self.requests.append(request)
        self.on_start(request)
        return Work.done(TaskSucceeded(self.result))


class Lab:
    """The API, and its simulation to run."""

    def __init__(
        self,
        caller: Caller = CALLER,
        visible_after_s: float = 0.0,
        write_log: Callable[[Line], None] = lambda _line: None,
    ) -> None:
        self.log_groups = {"/states/machine"}
        self.port = Port()
        self.simulation = Simulation(self.port, clock=VirtualClock())
        self.api = StepFunctions(
            self.simulation,
            visible_after_s=visible_after_s,
            log_group_exists=lambda _caller, name: name in self.log_groups,
            write_log=write_log,
        )
        self.port.on_start = lambda r: (
            self.api.note_token(r.task_token, r.execution_arn) if r.task_token else None
        )
        self.caller = caller

    def call(self, operation: str, caller: Caller | None = None, **parameters: Any) -> dict[str, Any]:
        return self.api.call(operation, caller or self.caller, parameters)

    def create(self, definition: Any = PASS, name: str = "machine", **parameters: Any) -> str:
        text = definition if isinstance(definition, str) else json.dumps(definition)
        given = {"name": name, "definition": text, "roleArn": ROLE, **parameters}
        arn: str = self.call("CreateStateMachine", **given)["stateMachineArn"]
        return arn

    def start(self, machine: str, **parameters: Any) -> str:
        arn: str = self.call("StartExecution", stateMachineArn=machine, **parameters)["executionArn"]
        return arn

    def status(self, execution: str) -> str:
        status: str = self.call("DescribeExecution", executionArn=execution)["status"]
        return status

    def pass_time(self, seconds: float) -> None:
        """Run until some time has passed."""
        self.simulation.scheduler.run(until=self.simulation.clock.now() + seconds)


@contextmanager
def refused(code: str, *parts: str) -> Iterator[pytest.ExceptionInfo[ApiError]]:
    """Assert that the block raises this error, with these parts in its message."""
    with pytest.raises(ApiError) as caught:
        yield caught
    assert caught.value.code == code
    for part in parts:
        assert part in caught.value.message
