"""Starts executions of the deployed state machine and waits for their ends."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from harness.engine.base import Engine
from harness.engine.clients import Clients
from harness.polling import Clock, PollTimeout, poll


@dataclass(frozen=True)
class Start:
    """An execution to start: `at_s` seconds after the first one, or (None) when the one before has ended."""

    name: str
    machine_arn: str
    input: object
    timeout_s: float
    at_s: float | None = None


@dataclass(frozen=True)
class Started:
    """An execution that was started; `ended` is false if it timed out."""

    name: str
    execution_arn: str
    timeout_s: float
    ended: bool


def run(
    engine: Engine, clients: Clients, starts: Sequence[Start], clock: Clock = time
) -> tuple[Started, ...]:
    """Start the executions in order, and wait until each has ended or timed out.

    `at_s` counts on the engine's clock, time-outs in real time.

    An execution has the name of its start, so that the same scenario gives the same names every time. After
    one that times out, those that wait for its end are not started.
    """
    begin = engine.clock.monotonic()
    waiting: list[tuple[Start, str, float]] = []
    done: list[Started] = []

    def wait_for_all() -> bool:
        while waiting:
            start, arn, deadline = waiting.pop(0)
            ended = _ended(engine, clients, arn, max(0.0, deadline - clock.monotonic()), clock)
            done.append(Started(start.name, arn, start.timeout_s, ended))
        return all(s.ended for s in done)

    for start in starts:
        if start.at_s is None:
            if not wait_for_all():
                break
        else:
            remaining_s = begin + start.at_s - engine.clock.monotonic()
            if remaining_s > 0:
                engine.clock.sleep(remaining_s)
        # AWS counts the bytes of the text: an escaped character has more than a written one.
        text = json.dumps(start.input, ensure_ascii=False)
        arn = clients.stepfunctions.start_execution(
            stateMachineArn=start.machine_arn, name=start.name, input=text
        )["executionArn"]
        waiting.append((start, arn, clock.monotonic() + start.timeout_s))
    wait_for_all()
    return tuple(done)


def _ended(engine: Engine, clients: Clients, arn: str, timeout_s: float, clock: Clock) -> bool:
    ended = engine.wait_for_execution(arn, timeout_s)
    if ended is not None:
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
