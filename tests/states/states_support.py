"""Short helpers to run a machine in tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.states import (
    Execution,
    Identity,
    Limits,
    Outcome,
    Simulation,
    TaskRequest,
    TaskSucceeded,
    Work,
    parse,
)

IDENTITY = Identity(
    "arn:aws:states:eu-west-1:111111111111:stateMachine:machine", "arn:aws:iam::111111111111:role/machine"
)
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:work"


class Port:
    """Answers every task using a function, and records the requests."""

    def __init__(self, answer: Callable[[TaskRequest], Outcome], duration_s: float = 0.1) -> None:
        self.requests: list[TaskRequest] = []
        self._answer = answer
        self._duration_s = duration_s

    def start(self, request: TaskRequest) -> Work:
        self.requests.append(request)
        return Work.done(self._answer(request), self._duration_s)


def echo(request: TaskRequest) -> Outcome:
    return TaskSucceeded(request.parameters)


def machine_of(*states: tuple[str, dict[str, Any]], **fields: Any) -> str:
    """A definition whose states follow one another; Next and End are filled in."""
    named = {name: dict(state) for name, state in states}
    names = list(named)
    for name, following in zip(names, [*names[1:], None], strict=True):
        state = named[name]
        if state["Type"] in ("Succeed", "Fail", "Choice") or "Next" in state or "End" in state:
            continue
        state |= {"Next": following} if following else {"End": True}
    return json.dumps({"StartAt": names[0], "States": named, **fields})


def run(
    definition: str,
    payload: Any = None,
    *,
    answer: Callable[[TaskRequest], Outcome] = echo,
    limits: Limits | None = None,
    seed: int = 0,
) -> Execution:
    """The execution of a machine, at its end."""
    simulation = Simulation(Port(answer), limits=limits, seed=seed)
    execution = simulation.start(
        parse(definition), IDENTITY, json.dumps({} if payload is None else payload), name="x"
    )
    simulation.scheduler.run()
    return execution


def types(execution: Execution) -> list[str]:
    return [event.type for event in execution.history.events]


def times(execution: Execution, event_type: str) -> list[float]:
    """Times of the events of a type, in seconds after the start."""
    events = execution.history.events
    return [round(event.time - execution.started_at, 6) for event in events if event.type == event_type]
