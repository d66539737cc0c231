"""Executions start in the requested order and at the requested times; the clock is fake."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from harness.execute import Start, Started, run
from harness.stepfunctions.waiting_task import WaitingTask

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m"


@dataclass
class Aws:
    """A clock, an engine and a Step Functions client. Executions last as long as configured."""

    lasts_s: dict[str, float] = field(default_factory=dict)
    tells: bool = True
    reason: str = ""
    clock: Any = None
    now: float = 100.0
    started: dict[str, float] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:  # noqa: N803
        assert stateMachineArn == MACHINE
        self.started[name] = self.now - 100
        self.inputs.append(input)
        return {"executionArn": name}

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803
        return {"status": "SUCCEEDED" if self._left(executionArn) <= 0 else "RUNNING"}

    def wait_for_execution(self, execution_arn: str, timeout_s: float) -> bool | None:
        if not self.tells:
            return None
        left = self._left(execution_arn)
        self.now += max(0.0, min(left, timeout_s))
        return left <= timeout_s

    def standstill(self, execution_arn: str) -> str:
        return self.reason

    def unanswered(self, execution_arn: str) -> tuple[WaitingTask, ...]:
        return (WaitingTask("t", execution_arn, "Ask", "sqs:sendMessage", None, None, None),)

    def __post_init__(self) -> None:
        self.clock = self.clock or self  # the engine's clock is the real one

    def play(self, *starts: Start) -> tuple[Started, ...]:
        clients: Any = SimpleNamespace(stepfunctions=self)
        engine: Any = self
        return run(engine, clients, starts, clock=self)

    def _left(self, name: str) -> float:
        return self.started[name] + 100 + self.lasts_s.get(name, 1.0) - self.now


def test_one_start_is_waited_for() -> None:
    aws = Aws()
    assert aws.play(Start("run-1", MACHINE, {"n": 1}, 60)) == (Started("run-1", "run-1", 60, ended=True),)
    assert json.loads(aws.inputs[0]) == {"n": 1}
    assert aws.now == 101


def test_the_next_one_starts_when_the_one_before_has_ended() -> None:
    aws = Aws({"first": 5})
    done = aws.play(Start("first", MACHINE, {}, 60), Start("second", MACHINE, {}, 60))
    assert [d.ended for d in done] == [True, True]
    assert aws.started == {"first": 0, "second": 5}


def test_one_with_a_time_starts_then_while_the_others_run() -> None:
    aws = Aws({"first": 5})
    done = aws.play(
        Start("first", MACHINE, {}, 60),
        Start("beside", MACHINE, {}, 60, at_s=2),
        Start("last", MACHINE, {}, 60),
    )
    assert aws.started == {"first": 0, "beside": 2, "last": 5}
    assert [d.name for d in done] == ["first", "beside", "last"]


def test_after_one_that_does_not_end_in_time_no_other_is_started() -> None:
    aws = Aws({"first": 600})
    done = aws.play(Start("first", MACHINE, {}, 10), Start("second", MACHINE, {}, 60))
    assert done == (Started("first", "first", 10, ended=False),)
    assert aws.now == 110
    assert "second" not in aws.started


def test_one_that_can_never_end_has_its_reason() -> None:
    aws = Aws({"first": 600}, reason="no task is left")
    (done,) = aws.play(Start("first", MACHINE, {}, 10))
    assert done == Started(
        "first", "first", 10, ended=False, standstill="no task is left", unanswered=aws.unanswered("first")
    )


def test_the_time_of_each_counts_from_its_own_start() -> None:
    aws = Aws({"first": 8, "beside": 8})
    done = aws.play(Start("first", MACHINE, {}, 9), Start("beside", MACHINE, {}, 9, at_s=3))
    assert [d.ended for d in done] == [True, True]
    assert aws.now == 111


def test_times_count_on_the_clock_of_the_engine() -> None:
    aws = Aws(clock=Aws())
    aws.play(Start("first", MACHINE, {}, 60), Start("later", MACHINE, {}, 60, at_s=3600))
    assert aws.clock.now == 100 + 3600
    assert aws.now < 200


def test_an_engine_that_cannot_tell_is_polled() -> None:
    aws = Aws({"first": 3, "slow": 600}, tells=False)
    first, slow = aws.play(Start("first", MACHINE, {}, 60), Start("slow", MACHINE, {}, 5))
    assert (first.ended, slow.ended) == (True, False)
    assert 3 <= aws.started["slow"] < 4
