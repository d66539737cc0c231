"""Executions from our own interpreter, with their histories in AWS's formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from harness.states import (
    Execution,
    Identity,
    Outcome,
    Simulation,
    TaskRequest,
    TaskSucceeded,
    VirtualClock,
    Work,
    parse,
)

START = 1_735_689_600.123
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:orders"
ROLE = "arn:aws:iam::111111111111:role/orders"
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:"
Answer = Callable[[TaskRequest], Outcome]


class Port:
    """Completes each task immediately, using a function."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.requests: list[TaskRequest] = []

    def start(self, request: TaskRequest) -> Work:
        self.requests.append(request)
        outcome = self._answer(request)
        return Work.done(outcome, outcome.duration_s or 0.1)


def execute(
    definition: dict[str, Any],
    answer: Answer = lambda _: TaskSucceeded({}),
    *,
    input: str = "{}",
    name: str = "run-1",
    express: bool = False,
    prepare: Callable[[Simulation, Execution], object] = lambda _simulation, _execution: None,
) -> Execution:
    """Run an execution to its end."""
    simulation = Simulation(Port(answer), clock=VirtualClock(START))
    machine = parse(json.dumps(definition), express=express)
    execution = simulation.start(machine, Identity(MACHINE, ROLE), input, name=name, express=express)
    prepare(simulation, execution)
    simulation.scheduler.run()
    return execution


def moment(seconds: float) -> str:
    """A time in the AWS CLI's format."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def events(execution: Execution) -> list[dict[str, Any]]:
    """The events in the format of GetExecutionHistory."""
    return [{**event.to_api(), "timestamp": moment(event.time)} for event in execution.history.events]


def history(execution: Execution) -> dict[str, Any]:
    """The output of `aws stepfunctions get-execution-history`."""
    return {"events": events(execution)}


def described(execution: Execution) -> dict[str, Any]:
    """The output of `aws stepfunctions describe-execution`."""
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.identity.machine_arn,
        "name": execution.name,
        "status": execution.status.value,
        "startDate": moment(execution.started_at),
        "stopDate": moment(execution.ended_at or 0),
        "input": execution.input.text,
    }


def log_lines(execution: Execution) -> list[str]:
    """The events in the format that Step Functions writes to CloudWatch Logs."""
    lines = []
    for event in execution.history.events:
        shown = event.to_api()
        details = [value for key, value in shown.items() if key.endswith("EventDetails")]
        line = {"id": str(event.id), "type": event.type}
        if details:
            line["details"] = details[0]
        line["previous_event_id"] = str(event.previous)
        line["event_timestamp"] = str(round(event.time * 1000))
        line["execution_arn"] = execution.arn
        line["redrive_count"] = "0"
        lines.append(json.dumps(line))
    return lines
