"""A simulation with scripted tasks and functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from stepfunctions_support import CALLER, ROLE

from harness.functions.faults.registry import FaultRegistry
from harness.states import Simulation
from harness.stepfunctions.api import StepFunctions
from harness.stepfunctions.functions import Begun, FunctionAnswer, FunctionCall
from harness.stepfunctions.services import Services
from harness.stepfunctions.tasks import Tasks

FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:count"
Behaviour = Callable[[FunctionCall], FunctionAnswer]


class Lambda:
    """Functions that do what the test says."""

    def __init__(self) -> None:
        self.calls: list[FunctionCall] = []
        self.refuse: Callable[[FunctionCall], object] = lambda call: None
        self.behaviour: Behaviour = lambda call: FunctionAnswer(call.payload, failed=False)

    def begin(self, call: FunctionCall) -> Begun:
        self.calls.append(call)
        self.refuse(call)
        return Begun(lambda: self.behaviour(call))


class Bench:
    """A simulation with the port, an API, and functions."""

    def __init__(self) -> None:
        self.functions = Lambda()
        self.faults = FaultRegistry()
        self.tasks = Tasks(self.functions, Services("http://127.0.0.1:9"), self.faults)
        self.simulation = Simulation(self.tasks)
        self.api = StepFunctions(self.simulation)
        self.tasks.connect(self.api, self.simulation.scheduler)

    def create(self, name: str, states: dict[str, Any]) -> str:
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        given = {"name": name, "definition": definition, "roleArn": ROLE}
        arn: str = self.api.call("CreateStateMachine", CALLER, given)["stateMachineArn"]
        return arn

    def play(self, states: dict[str, Any], payload: str = "{}") -> dict[str, Any]:
        """Run a machine of these states once; what DescribeExecution shows then."""
        machine = self.create("machine", states)
        given = {"stateMachineArn": machine, "name": "run", "input": payload}
        started = self.api.call("StartExecution", CALLER, given)["executionArn"]
        self.simulation.scheduler.run()
        return self.api.call("DescribeExecution", CALLER, {"executionArn": started})

    def history(self, name: str = "run") -> list[dict[str, Any]]:
        arn = CALLER.arn("execution", "machine", name)
        events: list[dict[str, Any]] = self.api.call(
            "GetExecutionHistory", CALLER, {"executionArn": arn, "maxResults": 1000}
        )["events"]
        return events


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"T": {"Type": "Task", "Resource": resource, "End": True, **fields}}
