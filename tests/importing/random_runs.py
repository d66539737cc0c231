"""Random state machines, and worlds that answer them: results, errors, time-outs, callbacks."""

from __future__ import annotations

import random
from typing import Any

from exported import FUNCTION

from harness.states import Outcome, TaskFailed, TaskRequest, TaskSucceeded

ERRORS = ("Oops", "Lambda.TooManyRequestsException", "OrderRefused", "States.TaskFailed")
RESOURCES = (
    f"{FUNCTION}work",
    "arn:aws:states:::lambda:invoke",
    "arn:aws:states:::sns:publish",
    "arn:aws:states:::sqs:sendMessage",
    "arn:aws:states:::dynamodb:getItem",
)


class Machines:
    """Makes definitions; each has names of its own for its states."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._number = 0

    def definition(self) -> dict[str, Any]:
        """A whole definition."""
        made = self._workflow(depth=2, length=self._chance.randint(2, 5))
        if self._chance.random() < 0.1:
            made["TimeoutSeconds"] = self._chance.randint(1, 30)
        return made

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{kind}{self._number}"

    def _workflow(self, depth: int, length: int) -> dict[str, Any]:
        kinds = ["Task", "Task", "Task", "Pass", "Wait", "Choice"] + ["Parallel", "Map"] * (depth > 0)
        names = [self._name(self._chance.choice(kinds)) for _ in range(length)]
        states: dict[str, Any] = {}
        for name, then in zip(names, [*names[1:], None], strict=True):
            state = getattr(self, f"_{name.rstrip('0123456789').lower()}")(depth, names[-1], states)
            if state["Type"] == "Choice":
                state["Default"] = then or self._end(states)
            elif then:
                state["Next"] = then
            else:
                state["End"] = True
            states[name] = state
        return {"StartAt": names[0], "States": states}

    def _end(self, states: dict[str, Any]) -> str:
        name = self._name("End")
        failed = {"Type": "Fail", "Error": "Ended", "Cause": "it was to be"}
        states[name] = failed if self._chance.random() < 0.3 else {"Type": "Succeed"}
        return name

    def _task(self, _depth: int, _last: str, states: dict[str, Any]) -> dict[str, Any]:
        chance = self._chance
        resource = chance.choice(RESOURCES)
        state: dict[str, Any] = {"Type": "Task", "Resource": resource, "ResultPath": "$.r"}
        if resource.startswith("arn:aws:states"):
            state["Parameters"] = {"Payload.$": "$", "Fixed": "as it is"}
        if chance.random() < 0.5:
            retry = {"ErrorEquals": [chance.choice([*ERRORS, "States.ALL"])], "IntervalSeconds": 2}
            state["Retry"] = [{**retry, "MaxAttempts": chance.randint(1, 3)}]
        if chance.random() < 0.4:
            catch = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": self._end(states)}
            state["Catch"] = [catch]
        if chance.random() < 0.3:
            state["TimeoutSeconds"] = chance.randint(2, 20)
        return state

    def _pass(self, *_: Any) -> dict[str, Any]:
        return {"Type": "Pass", "Result": {"n": self._chance.randint(1, 9)}, "ResultPath": "$.p"}

    def _wait(self, *_: Any) -> dict[str, Any]:
        return {"Type": "Wait", "Seconds": self._chance.randint(1, 30)}

    def _choice(self, _depth: int, last: str, _states: dict[str, Any]) -> dict[str, Any]:
        rule = {"Variable": "$.r.n", "IsPresent": True}
        other = {"Variable": "$.r.n", "NumericGreaterThan": self._chance.randint(1, 9)}
        return {"Type": "Choice", "Choices": [{"And": [rule, other], "Next": last}]}

    def _parallel(self, depth: int, _last: str, states: dict[str, Any]) -> dict[str, Any]:
        branches = [self._workflow(depth - 1, self._chance.randint(1, 2)) for _ in range(2)]
        return {"Type": "Parallel", "Branches": branches, "ResultPath": "$.p", **self._tried(states)}

    def _map(self, depth: int, _last: str, states: dict[str, Any]) -> dict[str, Any]:
        inner = self._workflow(depth - 1, self._chance.randint(1, 2))
        state = {"Type": "Map", "ItemsPath": "$.list", "ItemProcessor": inner, "ResultPath": "$.p"}
        state["ItemSelector"] = {"i.$": "$$.Map.Item.Value", "list.$": "$.list"}
        if self._chance.random() < 0.5:
            state["MaxConcurrency"] = self._chance.randint(1, 2)
        return {**state, **self._tried(states)}

    def _tried(self, states: dict[str, Any]) -> dict[str, Any]:
        tried: dict[str, Any] = {}
        if self._chance.random() < 0.3:
            tried["Retry"] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
        if self._chance.random() < 0.3:
            catch = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": self._end(states)}
            tried["Catch"] = [catch]
        return tried


def world(chance: random.Random) -> Any:
    """A world: a function that answers each task by chance."""
    trouble = chance.choice([0.0, 0.1, 0.3])

    def answer(_request: TaskRequest) -> Outcome:
        took = chance.choice([0.1, 0.25, 1.0, round(chance.uniform(0.05, 4), 3)])
        if chance.random() < trouble:
            if chance.random() < 0.2:
                return TaskFailed("Slow", "it took too long", duration_s=25.0)
            return TaskFailed(chance.choice(ERRORS), "it went wrong", duration_s=took)
        return TaskSucceeded({"n": chance.randint(1, 9), "text": "some text"}, duration_s=took)

    return answer


def runs(number: int, seed: int) -> Any:
    """Definitions with worlds and inputs."""
    for each in range(number):
        chance = random.Random(seed * 1_000_003 + each)
        definition = Machines(chance).definition()
        given = {"list": [f"item-{n}" for n in range(chance.randint(0, 4))], "name": "ada", "n": each}
        yield each, definition, world(chance), given
