"""Tests that wait for tasks: those of a Map one after another, those of workers, and none at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from harness.states import Execution, Identity, Simulation, TaskRequest, TaskSucceeded, Work, parse
from harness.stepfunctions.awaited_task import AwaitedTask
from harness.stepfunctions.awaiting import Awaiting, Wanted
from harness.stepfunctions.outside import told
from harness.stepfunctions.runner import Runner
from harness.stepfunctions.task_time import ClockMode

IDENTITY = Identity("arn:aws:states:eu-west-1:111111111111:stateMachine:m", "role")
ACTIVITY = "arn:aws:states:eu-west-1:111111111111:activity:sign"
ASK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
SIGN = {"Type": "Task", "Resource": ACTIVITY, "TimeoutSeconds": 60, "End": True}
LIMIT_S = 100.0


class Bench:
    """A stepped simulation, in which every call of a task is answered."""

    def __init__(self) -> None:
        self.simulation = Simulation(self)
        self.runner = Runner(self.simulation, ClockMode.VIRTUAL)
        self.seen: list[str] = []

    def start(self, request: TaskRequest) -> Work:
        return Work.done(TaskSucceeded({}))

    def begin(self, *states: tuple[str, dict[str, Any]]) -> Execution:
        branches = [{"StartAt": name, "States": {name: state}} for name, state in states]
        both = {"Type": "Parallel", "Branches": branches, "End": True}
        definition = {"StartAt": "All", "States": {"All": both}}
        return self.simulation.start(parse(json.dumps(definition)), IDENTITY, '{"n": 1}', name="run")

    def next(self, execution: Execution, state: str = "") -> str:
        """The state of the next task, "" for none."""
        wanted = Wanted(state, frozenset(self.seen), "test", lambda task: task.execution_arn == execution.arn)
        task = Awaiting(self.simulation, self.runner).next(execution, wanted, LIMIT_S)
        assert self.simulation.tokens.watchers == []
        if task is None:
            return ""
        self.seen.append(task.token)
        return task.state

    def succeed(self, token: str) -> None:
        with self.simulation.scheduler.frozen():
            completion = self.simulation.tokens.find(token)
            assert completion is not None
            completion.succeed(token)

    @property
    def now(self) -> float:
        return round(self.simulation.clock.now() % 86_400, 3)


@contextmanager
def bench() -> Iterator[Bench]:
    made = Bench()
    made.runner.start()
    made.runner.step()
    try:
        yield made
    finally:
        made.runner.close()


def test_tasks_are_given_once_in_the_order_in_which_they_wait() -> None:
    with bench() as b:
        execution = b.begin(("Ask", ASK), ("Sign", SIGN), ("Tell", ASK))
        assert [b.next(execution), b.next(execution), b.next(execution, "Tell")] == ["Sign", "Ask", "Tell"]
        assert b.now == 0.1  # the calls took a tenth of a second
        for token in b.seen:
            b.succeed(token)
        assert execution.running  # no caller waits
        assert (b.next(execution), execution.running, b.now) == ("", False, 0.1)


def test_none_comes_when_nothing_can_go_on_and_the_rest_of_the_time_has_passed() -> None:
    with bench() as b:
        execution = b.begin(("Ask", ASK), ("Sign", SIGN))
        assert b.next(execution, "Other") == ""
        assert (execution.running, b.now) == (True, 0.1)  # no worker has the task, so that it has no end
        assert b.next(execution, "Sign") == "Sign"
        assert b.next(execution, "Sign") == ""  # it times out, and with it the execution
        assert (execution.error, b.now) == ("States.Timeout", 60.1)


def test_a_task_that_another_worker_has_is_not_given() -> None:
    with bench() as b:
        activities = b.simulation.activities
        activities.on_offer = lambda arn: activities.take(activities.offered(arn)[0], "theirs")
        execution = b.begin(("Sign", SIGN), ("Ask", ASK))
        assert (b.next(execution, "Sign"), execution.error) == ("", "States.Timeout")
        (started,) = [e for e in execution.history.events if e.type == "ActivityStarted"]
        assert started.details == {"workerName": "theirs"}


def test_the_end_of_a_token_is_known() -> None:
    with bench() as b:
        execution = b.begin(("Ask", ASK), ("Sign", SIGN))
        assert [b.next(execution, name) for name in ("Ask", "Sign", "Sign")] == ["Ask", "Sign", ""]
        assert [b.simulation.tokens.ended[token] for token in b.seen] == ["aborted", "timed out"]


def test_a_clock_that_is_real_is_not_stepped() -> None:
    runner = Runner(Simulation(Bench()), ClockMode.REAL)
    runner.step()
    assert not runner.stepped


def test_what_was_awaited_travels_as_json() -> None:
    with bench() as b:
        b.next(b.begin(("Ask", ASK)))
        (task,) = b.simulation.tokens.waiting()
    awaited = AwaitedTask(told(task, 0.0), "RUNNING", entered=("Ask",), states={"Ask": ""})
    assert AwaitedTask.read(json.loads(json.dumps(asdict(awaited)))) == awaited
    nothing = AwaitedTask(None, "FAILED", "Error")
    assert AwaitedTask.read(json.loads(json.dumps(asdict(nothing)))) == nothing
