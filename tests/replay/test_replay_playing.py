"""An execution is replayed from its history: AWS's responses are returned again, at the same times."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from exported import FUNCTION, execute
from replaying import first, record, recorded, replayed

from harness.replay.accepted import Changes
from harness.replay.attempts import iterations_of, place_of, state_of
from harness.replay.flows import flows_of
from harness.replay.placing import placed
from harness.replay.stubs import NotReplayable
from harness.states import TaskFailed, TaskSucceeded

TASK = "arn:aws:states:::"
RETRIED = {
    "ErrorEquals": ["States.ALL"],
    "IntervalSeconds": 2,
    "MaxAttempts": 2,
    "BackoffRate": 2.0,
}


def task(resource: str = f"{FUNCTION}work", **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **fields}


def only(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "Only", "States": {"Only": state}}


def flow(name: str, state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: state}}


RICH: dict[str, Any] = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemsPath": "$.items",
                            "MaxConcurrency": 2,
                            "ItemProcessor": {
                                "StartAt": "Inner",
                                "States": {
                                    "Inner": {
                                        "Type": "Parallel",
                                        "Branches": [
                                            flow("Work", task(Retry=[RETRIED])),
                                            flow("Call", task(f"{TASK}sqs:sendMessage", Retry=[RETRIED])),
                                        ],
                                        "End": True,
                                    }
                                },
                            },
                            "End": True,
                        }
                    },
                },
                {
                    "StartAt": "Pause",
                    "States": {
                        "Pause": {"Type": "Wait", "Seconds": 3, "Next": "Late"},
                        "Late": task(
                            TimeoutSeconds=5,
                            Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
                        ),
                        "Caught": {"Type": "Pass", "End": True},
                    },
                },
            ],
            "Retry": [{**RETRIED, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry", "ResultPath": "$.error"}],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Sorry": {"Type": "Fail", "ErrorPath": "$.error.Error", "Cause": "sorry"},
    },
}


def at_random(seed: int) -> Any:
    """Random results, failures and timeouts, each after a different time."""
    chance = random.Random(seed)

    def answer(_: Any) -> Any:
        seconds = chance.choice([0.05, 0.4, 1.3, 7.0]) + chance.random()
        if chance.random() < 0.25:
            return TaskFailed(chance.choice(["Lambda.Unknown", "Oops"]), "why", seconds)
        return TaskSucceeded({"n": chance.randrange(100)}, seconds)

    return answer


@pytest.mark.parametrize("seed", range(40))
def test_branches_iterations_and_retries_at_random(seed):
    execution = record(RICH, at_random(seed), input=json.dumps({"items": [1, 2, 3, 4, 5]}))
    found = replayed(execution, RICH)
    assert found.differences == ()
    ours = [(event.type, round(event.time, 3)) for event in found.events]
    assert sorted(ours) == sorted((event.type, round(event.time, 3)) for event in execution.events)


@pytest.mark.parametrize("seed", range(40))
def test_the_time_that_aws_takes_between_states_makes_no_difference(seed):
    """Flows then interleave differently, and reach a different point before they are aborted."""
    chance = random.Random(seed)
    execution = record(RICH, at_random(seed), input=json.dumps({"items": [1, 2, 3, 4, 5]}))
    before = {0: execution.started} | {event.id: event.time for event in execution.events}
    times = {0: execution.started}
    for event in execution.events:
        delay = 0 if event.type.endswith(("Succeeded", "Failed", "TimedOut")) else chance.random() * 0.3
        times[event.id] = times[event.previous] + event.time - before[event.previous] + delay
    events = [replace(event, time=times[event.id]) for event in execution.events]
    assert replayed(_events(execution, events), RICH).differences == ()


def test_what_is_drawn_anew_is_compared_by_its_form():
    states = {
        "StartAt": "Draw",
        "States": {
            "Draw": {
                "Type": "Pass",
                "Parameters": {
                    "id.$": "States.UUID()",
                    "entered.$": "$$.State.EnteredTime",
                    "order.$": "$.order",
                },
                "End": True,
            }
        },
    }
    order = "0b2f6d9c-6f1c-4d5e-9c55-1b2f6d9c6f1c"
    execution = record(states, at_random(0), input=json.dumps({"order": order}))
    text = execution.events[2].text("output")
    drawn = json.loads(text)["id"]
    events = list(execution.events)
    for number in (2, 3):
        output = text.replace(drawn, "11111111-2222-4333-8444-555555555555")
        events[number] = _with(events[number], output)
    assert replayed(_events(execution, events), states).same
    events[2] = _with(events[2], text.replace(order, "11111111-2222-4333-8444-555555555555"))
    found = replayed(_events(execution, events), states).differences
    assert [(each.event, each.what) for each in found] == [(3, "output.order")]


def _with(event: Any, output: str) -> Any:
    return replace(event, details={**event.details, "output": output})


def _with_text(event: Any, member: str, old: str, new: str) -> Any:
    if member not in event.details:
        return event
    return replace(event, details={**event.details, member: event.text(member).replace(old, new)})


def _events(execution: Any, events: list[Any]) -> Any:
    return replace(execution, events=tuple(events))


@pytest.mark.parametrize("ended", ["succeeds", "fails", "without an answer", "silent"])
def test_a_task_with_a_token(ended):
    states = only(
        task(
            f"{TASK}sqs:sendMessage.waitForTaskToken",
            Parameters={"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
            TimeoutSeconds=3600,
            HeartbeatSeconds=60,
        )
    )

    def prepare(simulation: Any, execution: Any) -> None:
        def answer() -> None:
            (waiting,) = simulation.tokens.waiting()
            completion = simulation.tokens.find(waiting.token)
            if ended == "succeeds":
                completion.succeed({"approved": True})
            elif ended == "fails":
                completion.fail("Refused", None)

        beats = {"silent": 5}.get(ended, 100)
        for number in range(1, beats):
            simulation.scheduler.at(simulation.clock.now() + 50 * number, lambda: beat(simulation))
        if ended in ("succeeds", "fails"):
            simulation.scheduler.at(simulation.clock.now() + 1000, answer)

    def beat(simulation: Any) -> None:
        for waiting in simulation.tokens.waiting():
            simulation.tokens.find(waiting.token).heartbeat()

    execution = record(states, lambda _: TaskSucceeded({"MessageId": "m"}, 0.2), prepare=prepare)
    (token,) = {
        json.loads(event.text("parameters"))["MessageBody"]["token"] for event in execution.events[2:3]
    }
    events = [_with_text(event, "parameters", token, "AQCEAAAAKgAAAAMAAA" * 20) for event in execution.events]
    execution = _events(execution, events)
    end = {"succeeds": 1000, "fails": 1000, "without an answer": 3600, "silent": 260}[ended]
    found = replayed(execution, states)
    assert found.differences == ()
    assert abs(found.events[-1].time - execution.started - end) <= 60
    assert abs(execution.events[-1].time - execution.started - end) <= 1


@pytest.mark.parametrize("worker", ["ada", None, "nobody"])
def test_an_activity(worker):
    arn = "arn:aws:states:eu-west-1:111111111111:activity:sign"
    states = {
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "ItemProcessor": flow("Sign", task(arn, TimeoutSeconds=30, Retry=[RETRIED])),
                "TimeoutSeconds": 1,
                "End": True,
            }
        },
        "TimeoutSeconds": 600,
    }
    del states["States"]["Each"]["TimeoutSeconds"]

    def prepare(simulation: Any, execution: Any) -> None:
        taken: list[Any] = []

        def claim(task: Any) -> str | None:
            number = len(taken)
            taken.append(task)
            if worker == "nobody":
                return None

            def take() -> None:
                simulation.activities.take(task, worker)
                completion = simulation.tokens.find(task.token)
                if number % 3 == 0:
                    simulation.scheduler.at(simulation.clock.now() + 2, lambda: completion.fail("Oops", "c"))
                elif number % 3 == 1:
                    simulation.scheduler.at(simulation.clock.now() + 9, lambda: completion.succeed(number))

            simulation.scheduler.at(simulation.clock.now() + 5, take)
            return None

        simulation.activities.claim = claim

    execution = record(states, at_random(0), input="[1, 2, 3]", prepare=prepare)
    assert ("ActivityStarted" in {event.type for event in execution.events}) == (worker != "nobody")
    assert replayed(execution, states).differences == ()


AGAIN: dict[str, Any] = {
    "Again": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.never", "IsPresent": True, "Next": "Done"}],
        "Default": "Go",
    },
    "Done": {"Type": "Succeed"},
}


def test_an_execution_that_was_aborted():
    states = {
        "StartAt": "Go",
        "States": {
            "Go": {"Type": "Wait", "Seconds": 10, "Next": "Work"},
            "Work": {"Type": "Task", "Resource": f"{FUNCTION}work", "Next": "Again"},
            **AGAIN,
        },
    }

    def prepare(simulation: Any, execution: Any) -> None:
        simulation.scheduler.at(
            simulation.clock.now() + 25, lambda: simulation.stop(execution, "Enough", "by hand")
        )

    execution = record(states, lambda _: TaskSucceeded({}, 3.0), prepare=prepare)
    assert execution.status == "ABORTED"
    assert replayed(execution, states).differences == ()
    changed = json.loads(json.dumps(states).replace('"Seconds": 10', '"Seconds": 11'))
    assert replayed(execution, changed).differences == (), "the clock decides nothing"


def test_an_execution_whose_time_was_over():
    states = {
        "StartAt": "Go",
        "TimeoutSeconds": 100,
        "States": {"Go": {"Type": "Wait", "Seconds": 7, "Next": "Again"}, **AGAIN},
    }
    execution = record(states, at_random(0))
    assert execution.status == "TIMED_OUT"
    fewer = _events(execution, [*execution.events[:21], _numbered(execution.events[-1], 22)])
    assert replayed(fewer, states).differences == (), "AWS takes time between states"
    unlimited = {key: value for key, value in states.items() if key != "TimeoutSeconds"}
    assert first(fewer, unlimited)[::2] == (
        22,
        "the event",
        "no more events: the execution does not continue",
    )


def _numbered(event: Any, number: int) -> Any:
    return replace(event, id=number)


def test_the_version_or_alias_by_which_it_was_started_makes_no_difference():
    states = only(task())
    execution = record(states, lambda _: TaskSucceeded({}))
    begun, *events = execution.events
    version = {"stateMachineVersionArn": "arn:aws:states:eu-west-1:111111111111:stateMachine:orders:3"}
    begun = replace(begun, details={**begun.details, **version})
    assert replayed(_events(execution, [begun, *events]), states).differences == ()


def test_an_express_execution():
    states = only(task(Retry=[RETRIED]))
    execution = record(states, lambda request: TaskFailed("Oops", None, 1.0), express=True)
    found = replayed(execution, states)
    assert (execution.express, found.differences) == (True, ())


def test_a_task_that_could_not_be_started():
    states = only(task(f"{TASK}sqs:sendMessage", Retry=[RETRIED]))
    execution = record(states, lambda _: TaskFailed("SQS.Oops", "no such queue"))
    events = []
    for event in execution.events:
        if event.type == "TaskStarted":
            continue
        kind = "TaskStartFailed" if event.type == "TaskFailed" else event.type
        events.append(_renumbered(event, kind, len(events) + 1))
    assert [event.type for event in events].count("TaskStartFailed") == 3
    assert replayed(_events(execution, events), states).differences == ()


def _renumbered(event: Any, kind: str, number: int) -> Any:
    previous = 0 if event.previous == 0 else number - 1
    return replace(event, id=number, previous=previous, type=kind)


DISTRIBUTED: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **flow("One", {"Type": "Pass", "End": True}),
            },
            "End": True,
        }
    },
}


def test_a_distributed_map_without_tasks():
    execution = record(DISTRIBUTED, at_random(0), input="[1, 2]")
    assert replayed(execution, DISTRIBUTED).differences == ()


def test_a_distributed_map_with_tasks_is_refused_by_name():
    states = json.loads(json.dumps(DISTRIBUTED))
    states["States"]["Each"]["ItemProcessor"]["States"]["One"] = task()
    execution = record(states, lambda _: TaskSucceeded(1), input="[1, 2]")
    with pytest.raises(NotReplayable, match="'One' runs inside a Map Run"):
        replayed(execution, states)
    states = json.loads(json.dumps(DISTRIBUTED))
    states["States"]["Each"]["ItemReader"] = {
        "Resource": f"{TASK}s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    with pytest.raises(NotReplayable, match="'Each' reads its items from S3"):
        replayed(execution, states)


def test_a_definition_that_goes_round_and_round_is_a_difference():
    states = {
        "StartAt": "Go",
        "States": {"Go": {"Type": "Pass", "Next": "Again"}, **AGAIN},
    }
    once = {"StartAt": "Go", "States": {"Go": {"Type": "Pass", "Next": "Done"}, "Done": AGAIN["Done"]}}
    for express in (False, True):
        execution = record(once, at_random(0), express=express)
        assert first(execution, states)[2:] == (
            "the event",
            "SucceedStateEntered 'Done'",
            "ChoiceStateEntered 'Again'",
        )


def test_a_long_history():
    """Takes seconds at most: no code scans all events for each event."""
    states = {
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "MaxConcurrency": 10,
                "ItemProcessor": flow("Work", task(Retry=[RETRIED])),
                "End": True,
            }
        },
    }
    execution = record(states, lambda _: TaskSucceeded(1, 0.5), input=json.dumps(list(range(800))))
    assert len(execution.events) > 4_800
    assert replayed(execution, states).differences == ()


@pytest.mark.parametrize("seed", range(40))
def test_whatever_else_is_recorded_of_a_state_is_a_difference(seed):
    chance = random.Random(seed)
    execution = record(RICH, at_random(seed), input=json.dumps({"items": [1, 2, 3]}))
    whole = {flow.key for flow in flows_of(execution.events).values() if not flow.stopped}
    places = placed(execution.events)
    exits = [
        event
        for event in execution.events
        if event.type.endswith("StateExited") and places[event.id].flow in whole
    ]
    for event in chance.sample(exits, min(3, len(exits))):
        changed = {**event.details, "output": '"another"'}
        events = [replace(each, details=changed) if each is event else each for each in execution.events]
        (found,) = replayed(_events(execution, events), RICH).differences
        assert (found.event, found.what, found.expected) == (event.id, "output", '"another"')


# --- Changed definitions -----------------------------------------------------------------------------------

ORDER: dict[str, Any] = {
    "StartAt": "Charge",
    "States": {
        "Charge": {**task(Retry=[RETRIED]), "End": False, "ResultPath": "$.charged"},
        "Enough": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.charged.total", "NumericGreaterThan": 10, "Next": "Ship"}],
            "Default": "Small",
        },
        "Ship": task(
            f"{TASK}sqs:sendMessage", Parameters={"QueueUrl": "q", "MessageBody.$": "$.charged.total"}
        ),
        "Small": {"Type": "Succeed"},
    },
}
del ORDER["States"]["Charge"]["End"]
ORDER["States"]["Charge"]["Next"] = "Enough"


def charged(total: int = 20, failures: int = 1) -> Any:
    def answer(request: Any) -> Any:
        if request.state_name == "Charge":
            failed = request.attempt < failures
            return TaskFailed("Oops", "once") if failed else TaskSucceeded({"total": total})
        return TaskSucceeded({"MessageId": "m"})

    return answer


def changed(change: Any) -> dict[str, Any]:
    states = json.loads(json.dumps(ORDER))
    change(states["States"])
    return states


RUN = record(ORDER, charged())


def test_the_same_definition_is_the_same():
    assert replayed(RUN, ORDER).same


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda states: states["Enough"]["Choices"][0].update(NumericGreaterThan=30),
            (12, "Ship", "the event", "TaskStateEntered 'Ship'", "SucceedStateEntered 'Small'"),
        ),
        (
            lambda states: states["Charge"].pop("Retry"),
            (6, "Charge", "the event", "LambdaFunctionScheduled 'Charge'", "ExecutionFailed: Oops"),
        ),
        (
            lambda states: states["Ship"]["Parameters"].update(QueueUrl="other"),
            (13, "Ship", "parameters.QueueUrl", "q", "other"),
        ),
        (
            lambda states: states["Ship"].update(ResultPath=None),
            (16, "Ship", "output.MessageId", "m", "(nothing)"),
        ),
        (
            lambda states: states["Charge"].update(TimeoutSeconds=30),
            (3, "Charge", "timeoutInSeconds", "(nothing)", "30"),
        ),
    ],
    ids=["choice", "retry", "request", "result", "time-out"],
)
def test_the_first_difference_of_a_changed_definition(change, said):
    assert first(RUN, changed(change)) == said


def test_a_task_that_the_recorded_execution_never_did():
    def add(states: dict[str, Any]) -> None:
        states["Enough"]["Choices"][0]["Next"] = "Log"
        states["Log"] = {**task(f"{FUNCTION}log"), "Next": "Ship"}
        del states["Log"]["End"]

    found = replayed(RUN, changed(add)).differences
    assert [(each.event, each.expected, each.seen) for each in found] == [
        (12, "TaskStateEntered 'Ship'", "TaskStateEntered 'Log'")
    ]
    assert found[0].why == "the definition runs the task 'Log', which the recorded execution never ran"


def test_a_shorter_time_limit_than_the_task_took_is_a_difference():
    execution = record(only(task(TimeoutSeconds=60)), lambda _: TaskSucceeded({}, 20.0))
    assert replayed(execution, only(task(TimeoutSeconds=60))).same
    types = [event.type for event in replayed(execution, only(task(TimeoutSeconds=10))).events]
    assert "LambdaFunctionTimedOut" in types


def test_branches_that_are_gone_are_differences():
    execution = record(RICH, lambda _: TaskSucceeded({}), input='{"items": [1]}')
    states = json.loads(json.dumps(RICH))
    del states["States"]["Both"]["Branches"][1]
    found = replayed(execution, states).differences
    assert found[0].expected == "WaitStateEntered: the branch that starts at 'Pause' of 'Both'"
    assert found[0].seen == "no branch that starts at 'Pause' of 'Both'"


# --- Intended changes --------------------------------------------------------------------------------------


def test_a_state_that_is_renamed_on_purpose():
    states = json.loads(json.dumps(ORDER).replace('"Charge"', '"ChargeCard"').replace('"Ship"', '"Send"'))
    assert not replayed(RUN, states).same
    changes = Changes(renamed={"Charge": "ChargeCard", "Ship": "Send"})
    assert replayed(RUN, states, changes).differences == ()


def test_states_that_are_added_on_purpose():
    def add(states: dict[str, Any]) -> None:
        states["Charge"]["Next"] = "Log"
        states["Log"] = {
            "Type": "Parallel",
            "Branches": [flow("LogIt", task(f"{FUNCTION}log", Retry=[RETRIED]))],
            "ResultPath": None,
            "Next": "Enough",
        }

    assert not replayed(RUN, changed(add)).same
    changes = Changes(added={"Log": {}, "LogIt": {}})
    assert replayed(RUN, changed(add), changes).differences == ()


def test_a_state_that_is_removed_on_purpose():
    states = changed(lambda _: None)
    states["States"]["Ship"] = {"Type": "Pass", "Next": "Last"}
    states["States"]["Last"] = {"Type": "Pass", "End": True}
    execution = recorded(execute(states, charged()))
    without = json.loads(json.dumps(states))
    del without["States"]["Last"]
    without["States"]["Ship"] = {"Type": "Pass", "End": True}
    assert not replayed(execution, without).same
    assert replayed(execution, without, Changes(removed=frozenset({"Last"}))).differences == ()


def test_the_name_of_a_state_may_have_a_slash():
    place = place_of("All/of[3]/", "Sign/Send", {"Sign/Send": "Sign"})
    assert place == "All/of[3]/Sign"
    assert state_of("All/of[3]/Sign/Send") == "Sign/Send"
    assert list(iterations_of("All/of[3]/Inner[0]/Sign/Send")) == [("All/of", 3), ("Inner", 0)]
