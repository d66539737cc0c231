"""Random state machines, and worlds that respond to them: results, errors, timeouts, callbacks."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from exported import FUNCTION, MACHINE, ROLE, START

from harness.replay.open_values import mark
from harness.states import (
    Execution,
    Identity,
    Simulation,
    TaskFailed,
    TaskRequest,
    TaskSucceeded,
    VirtualClock,
    Waiting,
    Work,
    parse,
)
from harness.states.resource import Resource
from harness.stepfunctions.stand_ins import Answer, Chosen, StandIn, work_of

ERRORS = ("Oops", "Lambda.TooManyRequestsException", "OrderRefused", "States.TaskFailed")
RESOURCES = (
    f"{FUNCTION}work",
    "arn:aws:states:::lambda:invoke",
    "arn:aws:states:::sns:publish",
    "arn:aws:states:::sqs:sendMessage",
    "arn:aws:states:::dynamodb:getItem",
)
CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
ACTIVITY = "arn:aws:states:eu-west-1:111111111111:activity:sign"
JOB = "arn:aws:states:::ecs:runTask.sync"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111111111111/asked"
JOB_ERRORS = ("States.TaskFailed", "States.TaskFailed", "ECS.ClientException")
REQUEST = "7d3f1c52-9b1e-4c57-8b5d-0f4dd2a9c001"
THROTTLED = (
    "slow down (Service: AmazonSQS; Status Code: 400; Error Code: RequestThrottled; "
    f"Request ID: {REQUEST}; Proxy: null)"
)


class Machines:
    """Generates definitions, each with unique state names."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._number = 0

    def definition(self) -> dict[str, Any]:
        """A complete definition."""
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
        resource = chance.choice([*RESOURCES, CALLBACK, ACTIVITY, JOB])
        state: dict[str, Any] = {"Type": "Task", "Resource": resource, "ResultPath": "$.r"}
        if resource == CALLBACK:
            body = {"Token.$": "$$.Task.Token", "Fixed": "as it is"}
            state["Parameters"] = {"QueueUrl": QUEUE, "MessageBody": body}
        elif resource.startswith("arn:aws:states:::"):
            state["Parameters"] = {"Payload.$": "$", "Fixed": "as it is"}
        if chance.random() < 0.5:
            retry = {"ErrorEquals": [chance.choice([*ERRORS, "States.ALL"])], "IntervalSeconds": 2}
            state["Retry"] = [{**retry, "MaxAttempts": chance.randint(1, 3)}]
        if chance.random() < 0.4:
            catch = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": self._end(states)}
            state["Catch"] = [catch]
        if chance.random() < 0.3:
            state["TimeoutSeconds"] = chance.randint(2, 20)
        if resource in (CALLBACK, ACTIVITY) and chance.random() < 0.4:
            state["HeartbeatSeconds"] = chance.randint(1, state.get("TimeoutSeconds", 9) - 1)
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


class World:
    """A world that gives each task a random outcome, and answers tasks that wait for a callback."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._trouble = chance.choice([0.0, 0.1, 0.3])
        self.simulation = Simulation(self, clock=VirtualClock(START))
        self.simulation.tokens.watchers.append(self)
        self.simulation.activities.claim = lambda _task: chance.choice(["till-1", "till-2"])

    def start(self, request: TaskRequest) -> Work:
        """Run a task."""
        resource, outcome = Resource.of(request.resource), self._outcome(request)
        if resource.waits_for_token:
            if isinstance(outcome, TaskFailed):
                outcome = TaskFailed("SQS.RequestThrottledException", THROTTLED)
            return Work.done(TaskSucceeded({}) if isinstance(outcome, TaskSucceeded) else outcome, 0.1)
        if resource.pattern.startswith("sync"):
            error = "" if isinstance(outcome, TaskSucceeded) else self._chance.choice(JOB_ERRORS)
            answer = Answer({"n": 3}, error, "it went wrong" * bool(error), outcome.duration_s)
            return work_of(Chosen(StandIn(), answer), request, resource, REQUEST, self.simulation.scheduler)
        return Work.done(outcome, outcome.duration_s or 0.1)

    def _outcome(self, _request: TaskRequest) -> TaskSucceeded | TaskFailed:
        chance = self._chance
        took = chance.choice([0.1, 0.25, 1.0, round(chance.uniform(0.05, 4), 3)])
        if chance.random() < self._trouble:
            if chance.random() < 0.2:
                return TaskFailed("Slow", "it took too long", duration_s=25.0)
            return TaskFailed(chance.choice(ERRORS), "it went wrong", duration_s=took)
        return TaskSucceeded({"n": chance.randint(1, 9), "text": "some text"}, duration_s=took)

    def opened(self, task: Waiting) -> None:
        """Handle the start of a task."""

    def closed(self, token: str, how: str) -> None:
        """Handle the end of a task."""

    def waits(self, task: Waiting) -> None:
        """Answer a task after a delay, with heartbeats if needed, or ignore it."""
        if task.activity_arn:
            return
        chance, scheduler = self._chance, self.simulation.scheduler
        completion, now = self.simulation.tokens.find(task.token), self.simulation.clock.now()
        assert completion is not None
        after = round(chance.uniform(0.1, 15), 3)
        if task.heartbeat_s is not None:
            for number in range(1, chance.choice([1, 1, 1 + int(after / task.heartbeat_s * 2)])):
                beat = number * task.heartbeat_s / 2
                scheduler.at(now + beat, lambda: completion.over or completion.heartbeat())
        if task.until is not None and chance.random() < 0.2:
            return
        if chance.random() < self._trouble:
            error = chance.choice(ERRORS)
            scheduler.at(now + after, lambda: completion.over or completion.fail(error, "it went wrong"))
        else:
            output = {"n": chance.randint(1, 9)}
            scheduler.at(now + after, lambda: completion.over or completion.succeed(output))


class RandomRun(NamedTuple):
    """Concurrent executions of a machine in one world."""

    number: int
    definition: dict[str, Any]
    executions: list[Execution]

    @property
    def imported_with(self) -> dict[str, Any]:
        """The definition as in a template, with the template's own queue."""
        text = json.dumps(self.definition).replace(QUEUE, json.dumps(mark("Queue"))[1:-1])
        definition: dict[str, Any] = json.loads(text)
        return definition


def runs(number: int, seed: int) -> Iterator[RandomRun]:
    """Random machines, each with one execution, or with two overlapping executions."""
    for each in range(number):
        chance = random.Random(seed * 1_000_003 + each)
        definition = Machines(chance).definition()
        world, machine = World(chance), parse(json.dumps(definition))
        executions = []
        for run in range(chance.choice([1, 1, 2])):
            given = {"list": [f"item-{n}" for n in range(chance.randint(0, 4))], "name": "ada", "n": each}
            begin = START + (round(chance.uniform(0, 20), 3) if run else 0)
            name, identity = f"run-{run + 1}", Identity(MACHINE, ROLE)
            executions.append(
                world.simulation.start(machine, identity, json.dumps(given), name=name, at=begin)
            )
        world.simulation.scheduler.run()
        yield RandomRun(each, definition, executions)
