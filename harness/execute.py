"""Starts executions of the deployed state machine and waits until they finish."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from harness.engine.base import Engine
from harness.engine.clients import Clients
from harness.errors import HarnessError
from harness.polling import Clock, PollTimeout, poll
from harness.stepfunctions.waiting_task import WaitingTask


class StartError(HarnessError):
    """StartExecution was rejected, for example because the workflow has deleted its state machine."""

    code = "scenario-value"


@dataclass(frozen=True)
class Start:
    """An execution to start. It starts `at_s` seconds after the first one or, if `at_s` is None, when the
    previous one has ended.

    `execution_arn` is set if the execution has already been started.
    """

    name: str
    machine_arn: str
    input: object
    timeout_s: float
    at_s: float | None = None
    execution_arn: str = ""


@dataclass(frozen=True)
class Started:
    """A started execution. `ended` is false if it timed out, or if it can never end (`standstill` contains
    the reason).

    In the second case, `unanswered` contains the tasks that wait for an external caller.
    """

    name: str
    execution_arn: str
    timeout_s: float
    ended: bool
    standstill: str = ""
    unanswered: tuple[WaitingTask, ...] = ()


def run(
    engine: Engine, clients: Clients, starts: Sequence[Start], clock: Clock = time
) -> tuple[Started, ...]:
    """Start the executions one after another, and wait until each has ended or timed out.

    `at_s` refers to the engine's clock, and timeouts refer to real time.

    Each execution has the name of its `Start`, so a scenario's executions have the same names in every run.
    After an execution times out, the executions that wait for its end are not started.

    Raises:
        StartError: an execution cannot be started.
    """
    begin = engine.clock.monotonic()
    waiting: list[tuple[Start, str, float]] = []
    done: list[Started] = []

    def wait_for_all() -> bool:
        while waiting:
            start, arn, deadline = waiting.pop(0)
            ended = _ended(engine, clients, arn, max(0.0, deadline - clock.monotonic()), clock)
            reason = "" if ended else engine.standstill(arn)
            unanswered = engine.unanswered(arn) if reason else ()
            done.append(Started(start.name, arn, start.timeout_s, ended, reason, unanswered))
        return all(s.ended for s in done)

    for start in starts:
        if start.at_s is None:
            if not wait_for_all():
                break
        else:
            remaining_s = begin + start.at_s - engine.clock.monotonic()
            if remaining_s > 0:
                engine.clock.sleep(remaining_s)
        arn = start.execution_arn or begin_one(clients, start)
        waiting.append((start, arn, clock.monotonic() + start.timeout_s))
    wait_for_all()
    return tuple(done)


def begin_one(clients: Clients, start: Start) -> str:
    """Start an execution and return its ARN.

    Raises:
        StartError: it cannot be started.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    text = json.dumps(start.input, ensure_ascii=False)  # escape sequences would count towards its size
    try:
        started = clients.stepfunctions.start_execution(
            stateMachineArn=start.machine_arn, name=start.name, input=text
        )
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise
        raise StartError(f"run {start.name} cannot be started: {error}") from error
    return started["executionArn"]


def _ended(engine: Engine, clients: Clients, arn: str, timeout_s: float, clock: Clock) -> bool:
    deadline = clock.monotonic() + timeout_s
    while (ended := engine.wait_for_execution(arn, timeout_s)) is not None:
        timeout_s = deadline - clock.monotonic()
        if ended or timeout_s <= 0 or engine.standstill(arn):
            return ended
    try:
        poll(
            lambda: clients.stepfunctions.describe_execution(executionArn=arn)["status"],
            lambda status: status not in ("RUNNING", "PENDING_REDRIVE"),
            what=f"end of {arn}",
            timeout_s=timeout_s,
            clock=clock,
        )
    except PollTimeout:
        return False
    return True


def settle(engine: Engine, timeout_s: float, clock: Clock = time) -> bool:
    """Wait until no event is being processed. Return False if this takes longer than `timeout_s` on this
    clock.
    """
    deadline = clock.monotonic() + timeout_s
    while not engine.settle(timeout_s):
        timeout_s = deadline - clock.monotonic()
        if timeout_s <= 0:
            return False
    return True
