"""Stops in a simulation, reported to the other end of a link."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from states_support import FUNCTION, IDENTITY, Port, echo, machine_of

from harness.functions.shared.debug_link import DebugSetting
from harness.states import Execution, Simulation, TaskRequest, Work, parse
from harness.states.resource import Resource
from harness.stepfunctions.stops import Stops, call_of

PUT = "arn:aws:states:::dynamodb:putItem"
MACHINE = machine_of(
    ("First", {"Type": "Pass", "Assign": {"n": 1}, "QueryLanguage": "JSONata"}),
    ("Wait", {"Type": "Wait", "Seconds": 30}),
    ("Put", {"Type": "Task", "Resource": PUT, "Parameters": {"TableName": "sums"}}),
    ("Last", {"Type": "Succeed"}),
)


class Desk:
    """Answers stops with these words, in order, and keeps them."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.stops: list[Any] = []
        self._answers = list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.setting: DebugSetting = {"port": self._listener.getsockname()[1], "token": "t"}
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        for answer in self._answers:
            connection, _ = self._listener.accept()
            with connection, connection.makefile("r") as messages:
                next(messages)
                self.stops.append(json.loads(next(messages))["stop"])
                connection.sendall(json.dumps({"go": answer}).encode() + b"\n")
        self._listener.close()


def play(desk: Desk | None, states: Sequence[str] = (), calls: Sequence[str] = ()) -> Execution:
    port = Port(echo)
    simulation = Simulation(port)
    if desk:
        stops = Stops(desk.setting, states, calls)
        simulation.before_state = stops.before_state
        start = port.start

        def stopping(request: TaskRequest) -> Work:
            partial(stops.before_call, simulation)(request, Resource.of(request.resource))
            return start(request)

        port.start = stopping  # type: ignore[method-assign]
    execution = simulation.start(parse(MACHINE), IDENTITY, '{"a": 1}', name="run")
    simulation.scheduler.run()
    return execution


def test_a_state_is_held_before_it_is_entered_and_nothing_changes() -> None:
    desk = Desk(["continue"])
    held, plain = play(desk, ["Put"]), play(None)
    assert held.history.events == plain.history.events
    (stop,) = desk.stops
    assert stop["where"] == "before the Task state Put"
    assert (stop["state"], stop["input"], stop["variables"]) == ("Put", {"a": 1}, {"n": 1})
    assert stop["execution"].endswith(":run")
    assert len(stop["history"]) == 5
    assert "WaitStateExited  Wait  {" in stop["history"][-1]


def test_a_step_holds_it_before_the_next_state() -> None:
    desk = Desk(["step", "step", "continue"])
    play(desk, ["First"])
    assert [stop["state"] for stop in desk.stops] == ["First", "Wait", "Put"]


def test_a_call_is_held_before_it_is_made() -> None:
    desk = Desk(["continue"])
    play(desk, calls=["dynamodb:putitem"])
    (stop,) = desk.stops
    assert stop["where"] == "before dynamodb:PutItem in the state Put"
    assert stop["input"] == {"TableName": "sums"}


def test_without_a_terminal_it_goes_on() -> None:
    desk = Desk([])
    desk._listener.close()
    assert play(desk, ["Put"]).status.value == "SUCCEEDED"


@pytest.mark.parametrize(
    ("resource", "call"),
    [
        (PUT, "dynamodb:PutItem"),
        ("arn:aws:states:::aws-sdk:sfn:startExecution", "stepfunctions:StartExecution"),
        ("arn:aws:states:::states:startExecution.sync:2", "stepfunctions:StartExecution"),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", "lambda:Invoke"),
        (FUNCTION, "lambda:Invoke"),
        ("arn:aws:states:eu-west-1:111111111111:activity:review", ""),
    ],
)
def test_the_call_of_a_task(resource: str, call: str) -> None:
    assert call_of(Resource.of(resource)) == call
