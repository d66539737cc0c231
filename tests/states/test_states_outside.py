"""The time that an external caller has for a task token, on the virtual clock."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from states_support import FUNCTION, IDENTITY, Port, echo, machine_of, run

from harness.states import (
    Completion,
    Execution,
    Outcome,
    Simulation,
    Status,
    TaskFailed,
    TaskRequest,
    TaskSubmitted,
    TaskSucceeded,
    VirtualClock,
    parse,
)

ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
}
SECONDS = 20.0  # of real time, which nothing here needs


class World:
    """A simulation in a separate thread, with an external caller."""

    def __init__(self) -> None:
        self.port = Port(echo)
        self.simulation = Simulation(self.port)
        self.simulation.outside = lambda: True
        self.stands = threading.Event()
        self.simulation.scheduler.on_standstill = self.stands.set
        self.over = False

    def start(self, definition: str, name: str = "run") -> Execution:
        with self.simulation.scheduler.frozen():
            self.stands.clear()
            return self.simulation.start(parse(definition), IDENTITY, name=name)

    def passed(self) -> float:
        with self.simulation.scheduler.frozen():
            return self.simulation.clock.now() - 1_735_689_600

    def send(self, *outputs: Any) -> None:
        with self.simulation.scheduler.frozen():
            self.stands.clear()
            for request, output in zip(self.port.requests, outputs, strict=True):
                completion = self.simulation.tokens.find(request.task_token or "")
                assert completion is not None
                completion.succeed(output)


@contextmanager
def playing(world: World) -> Iterator[World]:
    scheduler = world.simulation.scheduler
    thread = threading.Thread(target=lambda: scheduler.run(serve=True, stop=lambda: world.over))
    thread.start()
    try:
        yield world
    finally:
        with scheduler.frozen():
            world.over = True
        thread.join(SECONDS)
    assert not thread.is_alive()


@pytest.fixture
def world() -> Iterator[World]:
    with playing(World()) as world:
        yield world


def ended(execution: Execution) -> bool:
    over = threading.Event()
    execution.on_end(lambda _: over.set())
    return over.wait(SECONDS)


@pytest.mark.parametrize("limits", [{"HeartbeatSeconds": 3600}, {"TimeoutSeconds": 3600}])
def test_time_does_not_jump_to_the_deadline_of_a_token(world: World, limits: Any) -> None:
    execution = world.start(machine_of(("Ask", {**ASK, **limits})))
    assert world.stands.wait(SECONDS)
    assert execution.running
    assert world.passed() < 3600
    world.send({"fine": True})
    assert ended(execution)
    assert (execution.status, execution.output and execution.output.value) == (
        Status.SUCCEEDED,
        {"fine": True},
    )


def test_the_deadline_of_the_machine_is_one_too(world: World) -> None:
    execution = world.start(machine_of(("Ask", ASK), TimeoutSeconds=3600))
    assert world.stands.wait(SECONDS)
    assert execution.running
    world.send(1)
    assert ended(execution)
    assert execution.status is Status.SUCCEEDED


def test_waits_before_the_deadline_are_jumped_over(world: World) -> None:
    asks = world.start(machine_of(("Ask", {**ASK, "HeartbeatSeconds": 7200})), "asks")
    waits = world.start(machine_of(("W", {"Type": "Wait", "Seconds": 3600})), "waits")
    assert ended(waits)
    assert asks.running
    world.send(1)
    assert ended(asks)


def test_a_wait_in_another_branch_does_not_pass_the_deadline(world: World) -> None:
    branches = [
        json.loads(machine_of(("Ask", {**ASK, "TimeoutSeconds": 3600}))),
        json.loads(machine_of(("W", {"Type": "Wait", "Seconds": 7200}))),
    ]
    execution = world.start(machine_of(("P", {"Type": "Parallel", "Branches": branches})))
    assert world.stands.wait(SECONDS)
    assert execution.running
    assert world.passed() < 3600
    world.send(1)
    assert ended(execution)
    assert execution.output is not None
    assert execution.output.value == [1, {}]


def test_a_deadline_comes_when_its_time_is_really_over(world: World) -> None:
    execution = world.start(machine_of(("Ask", {**ASK, "HeartbeatSeconds": 1})))
    assert ended(execution)
    assert execution.error == "States.Timeout"
    assert (execution.ended_at or 0) - execution.started_at == pytest.approx(1.1)


def test_with_nobody_outside_the_clock_jumps() -> None:
    world = World()
    world.simulation.outside = lambda: False
    with playing(world):
        execution = world.start(machine_of(("Ask", {**ASK, "HeartbeatSeconds": 3600})))
        assert ended(execution)
    assert execution.error == "States.Timeout"


def test_who_waits_is_told_with_the_nearer_deadline(world: World) -> None:
    world.start(machine_of(("Ask", {**ASK, "HeartbeatSeconds": 3600, "TimeoutSeconds": 7200})))
    assert world.stands.wait(SECONDS)
    with world.simulation.scheduler.frozen():
        (task,) = world.simulation.tokens.waiting()
    assert (task.state, task.resource) == ("Ask", "sqs:sendMessage.waitForTaskToken")
    assert task.until == pytest.approx(1_735_689_600 + 3600.1)
    assert task.heartbeat_s == 3600
    world.send(1)


def test_a_paced_clock_goes_on_to_its_bound_and_stands_still_after() -> None:
    clock = VirtualClock(100)
    with clock.paced(100):
        assert clock.now() == 100
    with clock.paced(1e12):
        first = clock.now()
        assert clock.now() >= first >= 100
    stands = clock.now()
    assert clock.now() == stands >= first


def test_a_token_is_there_in_every_task_and_ends_one_that_waits_for_its_end() -> None:
    world = World()
    child = Completion()

    def submit(request: TaskRequest) -> Outcome:
        return TaskSubmitted({"started": True}, child)

    world.port = world.simulation.port = Port(submit)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": "m", "Input": {"token.$": "$$.Task.Token"}},
    }
    with playing(world):
        execution = world.start(machine_of(("T", task)))
        assert world.stands.wait(SECONDS)
        assert world.port.requests[0].parameters["Input"] == {"token": world.port.requests[0].task_token}
        world.send("by its token")
        assert ended(execution)
    assert execution.output is not None
    assert execution.output.value == "by its token"
    child.succeed("too late")


@pytest.mark.parametrize("resource", ["arn:aws:states:::sqs:sendMessage", FUNCTION])
def test_a_task_that_only_answers_ends_with_its_answer(resource: str) -> None:
    task = {"Type": "Task", "Resource": resource, "Parameters": {"token.$": "$$.Task.Token"}}
    execution = run(machine_of(("T", task)))
    assert execution.status is Status.SUCCEEDED
    assert execution.output is not None
    assert list(execution.output.value) == ["token"]


def test_every_attempt_has_a_token_of_its_own() -> None:
    tokens: list[Any] = []

    def fail(request: TaskRequest) -> Outcome:
        tokens.append(request.parameters["token"])
        return TaskFailed("Again", None) if len(tokens) < 2 else TaskSucceeded(1)

    retry = [{"ErrorEquals": ["Again"], "MaxAttempts": 1}]
    task = {"Type": "Task", "Resource": FUNCTION, "Parameters": {"token.$": "$$.Task.Token"}, "Retry": retry}
    assert run(machine_of(("T", task)), answer=fail).status is Status.SUCCEEDED
    assert len(set(tokens)) == 2


@pytest.mark.parametrize(
    ("sent", "output"),
    [
        ((None, None), {"Error": None, "Cause": None}),
        (("E", None), {"Error": "E", "Cause": None}),
        (("E", "c"), {"Error": "E", "Cause": "c"}),
    ],
)
def test_what_a_sent_failure_lacks_is_null(sent: tuple[Any, Any], output: Any) -> None:
    simulation = Simulation(port := Port(echo))
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Z"}]
    definition = machine_of(("Ask", {**ASK, "Catch": catch, "End": True}), ("Z", {"Type": "Pass"}))
    execution = simulation.start(parse(definition), IDENTITY)
    simulation.scheduler.run()
    completion = simulation.tokens.find(port.requests[0].task_token or "")
    assert completion is not None
    completion.fail(*sent)
    simulation.scheduler.run()
    assert execution.output is not None
    assert execution.output.value == output
