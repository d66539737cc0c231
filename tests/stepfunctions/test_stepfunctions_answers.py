"""Answers of a scenario to tasks that wait for their tokens: which, when, and what becomes of the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from harness.states import (
    Execution,
    Identity,
    Outcome,
    Simulation,
    TaskFailed,
    TaskRequest,
    TaskSucceeded,
    Work,
    parse,
)
from harness.stepfunctions.answer import Answer, AnswerSeen, AnswersSeen, Missed
from harness.stepfunctions.answers import Answers
from harness.stepfunctions.waiting_states import what_states_are

IDENTITY = Identity("arn:aws:states:eu-west-1:111111111111:stateMachine:m", "role")
ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
    "End": True,
}
WORK = {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:111111111111:activity:sign", "End": True}
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 3}]


class Bench:
    """A simulation with answers; a call of a task is answered unless its state is in `failing`."""

    def __init__(self, *answers: Answer, own: tuple[str, ...] = ()) -> None:
        self.failing: list[str] = []
        self.requests: list[TaskRequest] = []
        self.starters: dict[str, str] = {}
        self.simulation = Simulation(self)
        self.answers = Answers(self.simulation, self.lineage)
        self.answers.set(answers, own)

    def lineage(self, arn: str) -> Iterator[str]:
        while arn:
            yield arn
            arn = self.starters.get(arn, "")

    def start(self, request: TaskRequest) -> Work:
        self.requests.append(request)
        outcome: Outcome = TaskSucceeded({})
        if request.state_name in self.failing:
            self.failing.remove(request.state_name)
            outcome = TaskFailed("Busy", None)
        return Work.done(outcome)

    def play(self, given: Any = None, name: str = "run", **ask: Any) -> Execution:
        states = {"Ask": {**ASK, **ask}}
        execution = self.begin({"StartAt": "Ask", "States": states}, given, name)
        self.simulation.scheduler.run()
        return execution

    def begin(self, definition: Any, given: Any = None, name: str = "run") -> Execution:
        return self.simulation.start(
            parse(json.dumps(definition)), IDENTITY, json.dumps(given if given is not None else {}), name=name
        )

    @property
    def seen(self) -> tuple[AnswerSeen, ...]:
        return self.answers.seen()


def success(output: Any = None, **more: Any) -> Answer:
    return Answer("Ask", "success", output=output, **more)


def took(execution: Execution) -> float:
    return round((execution.ended_at or 0) - execution.started_at, 3)


def test_an_answer_comes_so_long_after_the_task_waits() -> None:
    bench = Bench(success({"ok": True, "order.$": "$.order.id"}, after_s=600))
    execution = bench.play({"order": {"id": 7}}, TimeoutSeconds=3600)
    assert (execution.output and execution.output.value) == {"ok": True, "order": 7}
    assert took(execution) == 600.1  # the call took a tenth of a second
    assert bench.seen == (AnswerSeen(waited=1, fitted=1, chosen=1, given=1),)


def test_a_failure_is_retried_and_the_second_task_is_another_one() -> None:
    busy = Answer("Ask", "failure", first=1, last=1, error="Busy", cause="at lunch", after_s=60)
    bench = Bench(busy, success(1, first=2, last=2, after_s=60))
    execution = bench.play(Retry=RETRY)
    assert (execution.output and execution.output.value) == 1
    assert [entry.given for entry in bench.seen] == [1, 1]
    failed = [event for event in execution.history.events if event.type == "TaskFailed"]
    assert [event.details for event in failed] == [
        {
            "error": "Busy",
            "cause": "at lunch",
            "resource": "sendMessage.waitForTaskToken",
            "resourceType": "sqs",
        }
    ]


def test_an_attempt_that_fails_before_it_waits_gives_its_number_back() -> None:
    bench = Bench(success("first", first=1, last=1), success("later", first=2))
    bench.failing = ["Ask"]
    execution = bench.play(Retry=RETRY)
    assert (execution.output and execution.output.value) == "first"
    assert [(entry.waited, entry.given) for entry in bench.seen] == [(1, 1), (1, 0)]


def test_tasks_of_a_map_are_numbered_as_they_are_scheduled() -> None:
    processor = {"StartAt": "Ask", "States": {"Ask": {**ASK, "TimeoutSeconds": 900}}}
    each = {"Type": "Map", "ItemProcessor": processor, "End": True}
    bench = Bench(success("second", first=2, last=2, after_s=1), success("others", after_s=5))
    execution = bench.begin({"StartAt": "Each", "States": {"Each": each}}, [1, 2, 3])
    bench.simulation.scheduler.run()
    assert (execution.output and execution.output.value) == ["others", "second", "others"]


def test_an_answer_is_for_an_iteration_of_a_map() -> None:
    each = {"Type": "Map", "ItemProcessor": {"StartAt": "Ask", "States": {"Ask": ASK}}, "End": True}
    bench = Bench(success("third", iterations={"Each": 2}), success("others"))
    execution = bench.begin({"StartAt": "Each", "States": {"Each": each}}, [1, 2, 3])
    bench.simulation.scheduler.run()
    assert (execution.output and execution.output.value) == ["others", "others", "third"]


def test_only_what_fits_is_answered_and_counted() -> None:
    bench = Bench(success(1, when={"n": 5}, first=2), success(2, params={"QueueUrl": "q"}))
    for name, n in (("a", 5), ("b", 6), ("c", 5)):
        bench.play({"n": n, "more": 0}, name)
    assert [e.output and e.output.value for e in bench.simulation.executions] == [2, 2, 1]
    first, second = bench.seen
    assert (first.waited, first.fitted, first.chosen, first.other_input) == (3, 2, 1, {"n": 6, "more": 0})
    assert (second.fitted, second.chosen) == (3, 2)


def test_a_run_with_answers_of_its_own_takes_no_others() -> None:
    own, other = IDENTITY.execution_arn("own"), IDENTITY.execution_arn("other")
    bench = Bench(success("all"), success("own", execution_arn=own), own=(own,))
    bench.starters = {IDENTITY.execution_arn("child"): own}
    for name in ("own", "child", "other"):
        bench.play(name=name)
    outputs = [e.output and e.output.value for e in bench.simulation.executions]
    assert (outputs, other in own) == (["own", "own", "all"], False)


def test_tasks_of_a_run_with_answers_of_its_own_do_not_count_for_the_others() -> None:
    own = IDENTITY.execution_arn("b")
    numbered = success("own", first=1, last=1, execution_arn=own)
    bench = Bench(success("second", first=2, last=2), success("other"), numbered, own=(own,))
    for name in ("a", "b", "c"):
        bench.play(name=name)
    assert [e.output and e.output.value for e in bench.simulation.executions] == ["other", "own", "second"]


def test_heartbeats_keep_a_task_alive_until_its_answer() -> None:
    bench = Bench(success(1, after_s=100, every_s=30))
    assert took(bench.play(HeartbeatSeconds=60)) == 100.1
    silent = Bench(success(1, after_s=100)).play(HeartbeatSeconds=60)
    assert (silent.error, took(silent)) == ("States.Timeout", 60.1)


def test_heartbeats_alone_end_in_silence() -> None:
    bench = Bench(Answer("Ask", "silence", every_s=30, beats=2))
    execution = bench.play(HeartbeatSeconds=60)
    assert (execution.error, took(execution)) == ("States.Timeout", 120.1)
    assert bench.seen[0].given == 1


def test_heartbeats_without_an_end_need_a_time_out() -> None:
    endless = Answer("Ask", "silence", every_s=30)
    bench = Bench(endless)
    assert took(bench.play(TimeoutSeconds=100, HeartbeatSeconds=40)) == 100
    assert bench.seen[0] == AnswerSeen(waited=1, fitted=1, chosen=1, given=1)
    bench = Bench(endless)
    assert bench.play().running
    assert bench.seen[0].missed == (Missed("endless", IDENTITY.execution_arn("run")),)


def test_an_answer_after_the_time_out_is_late() -> None:
    bench = Bench(success(1, after_s=600))
    execution = bench.play(TimeoutSeconds=60)
    assert (execution.error, took(execution)) == ("States.Timeout", 60)
    assert bench.seen[0].missed == (Missed("late", execution.arn, 540.1),)
    bench = Bench(Answer("Ask", "silence", every_s=90))
    assert bench.play(HeartbeatSeconds=60).error == "States.Timeout"
    assert [round(missed.since_s, 3) for missed in bench.seen[0].missed] == [30]


def test_a_task_that_somebody_else_has_answered_is_not_answered_twice() -> None:
    bench = Bench(success(1, after_s=60))
    execution = bench.begin({"StartAt": "Ask", "States": {"Ask": ASK}})

    def send() -> None:
        token = bench.requests[0].task_token or ""
        completion = bench.simulation.tokens.find(token)
        assert completion is not None
        completion.succeed("theirs")

    bench.simulation.scheduler.at(execution.started_at + 10, send)
    bench.simulation.scheduler.run()
    assert (execution.output and execution.output.value) == "theirs"
    (missed,) = bench.seen[0].missed
    assert (missed.trouble, round(missed.since_s, 3)) == ("answered", 50.1)


def test_a_task_whose_branch_is_stopped_was_for_nothing() -> None:
    fails = {
        "StartAt": "W",
        "States": {"W": {"Type": "Wait", "Seconds": 5, "Next": "F"}, "F": {"Type": "Fail"}},
    }
    both = {"Type": "Parallel", "Branches": [{"StartAt": "Ask", "States": {"Ask": ASK}}, fails], "End": True}
    bench = Bench(success(1, after_s=60))
    execution = bench.begin({"StartAt": "Both", "States": {"Both": both}})
    bench.simulation.scheduler.run()
    assert (execution.running, took(execution)) == (False, 5)
    assert bench.seen == (AnswerSeen(waited=1, fitted=1, chosen=1, aborted=1),)


def test_an_output_that_cannot_be_made_is_not_sent() -> None:
    bench = Bench(success({"order.$": "$.order"}))
    execution = bench.play({}, TimeoutSeconds=60)
    assert execution.error == "States.Timeout"
    (missed,) = bench.seen[0].missed
    assert missed.trouble == "output"
    assert missed.detail == (
        "The JSONPath '$.order' specified for the field 'order.$' could not be found in the input '{}'"
    )
    bench = Bench(success({"text.$": "States.Format('{}{}', $.half, $.half)"}))
    bench.play({"half": "x" * 140_000}, TimeoutSeconds=60)
    assert bench.seen[0].missed[0].detail.startswith("it has 280,0")


def test_what_states_wait_for() -> None:
    passes = {"Type": "Pass", "End": True}
    states = {
        "Ask": {key: value for key, value in ASK.items() if key != "End"} | {"Next": "Work"},
        "Work": {
            "Type": "Task",
            "Resource": "arn:aws:states:eu-west-1:111111111111:activity:a",
            "Next": "Call",
        },
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:eu-west-1:111111111111:function:f",
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "In", "States": {"In": {**ASK}}},
                {"StartAt": "P", "States": {"P": passes}},
            ],
            "End": True,
        },
    }
    found = what_states_are([parse(json.dumps({"StartAt": "Ask", "States": states}))])
    assert found == {
        "Ask": "",
        "Work": "",
        "Call": "arn:aws:lambda:eu-west-1:111111111111:function:f",
        "Both": "Parallel",
        "In": "",
        "P": "Pass",
    }


def test_what_was_seen_travels_as_json() -> None:
    seen = AnswersSeen((AnswerSeen(missed=(Missed("late", "arn", 5.0),), other_input=[1]),), {"Ask": ""})
    assert AnswersSeen.read(json.loads(json.dumps(asdict(seen)))) == seen


def work(bench: Bench, given: Any = None, name: str = "run", **fields: Any) -> Execution:
    """Play an execution with one task of an activity."""
    state = {**WORK, **fields}
    execution = bench.begin({"StartAt": "Ask", "States": {"Ask": state}}, given, name)
    bench.simulation.scheduler.run()
    return execution


def of_activity(execution: Execution) -> list[tuple[str, float, Any]]:
    """The events of its tasks: type without Activity, seconds since the start, details."""
    return [
        (event.type[8:], round(event.time - execution.started_at, 3), event.details)
        for event in execution.history.events
        if event.type.startswith("Activity")
    ]


def test_the_scenario_is_the_worker_of_an_activity() -> None:
    bench = Bench(success({"signed.$": "$.n"}, after_s=600, every_s=50, worker="vm-1"))
    execution = work(bench, {"n": 7}, TimeoutSeconds=3600, HeartbeatSeconds=60)
    assert [(what, at) for what, at, _ in of_activity(execution)] == [
        ("Scheduled", 0),
        ("Started", 0),
        ("Succeeded", 600),
    ]
    assert of_activity(execution)[1][2] == {"workerName": "vm-1"}
    assert (execution.output and execution.output.value) == {"signed": 7}
    assert bench.seen == (AnswerSeen(waited=1, fitted=1, chosen=1, given=1),)


def test_a_worker_that_fails_and_the_next_one() -> None:
    bench = Bench(Answer("Ask", "failure", last=1, error="Busy", cause="at lunch"), success("done", first=2))
    execution = work(bench, Retry=RETRY)
    assert [(what, details) for what, _, details in of_activity(execution) if what != "Scheduled"] == [
        ("Started", {"workerName": "scenario"}),
        ("Failed", {"error": "Busy", "cause": "at lunch"}),
        ("Started", {"workerName": "scenario"}),
        ("Succeeded", {"output": '"done"'}),
    ]


def test_a_worker_takes_the_task_and_falls_silent() -> None:
    bench = Bench(Answer("Ask", "silence", worker="vm-1"))
    execution = work(bench, HeartbeatSeconds=60)
    assert (execution.error, took(execution)) == ("States.Timeout", 60)
    assert bench.seen[0] == AnswerSeen(waited=1, fitted=1, chosen=1, given=1)
    assert work(bench, name="endless").running
    assert bench.seen[0].missed == (Missed("endless", IDENTITY.execution_arn("endless")),)


def test_a_task_that_no_entry_is_for_is_left_to_others() -> None:
    bench = Bench(success("second", first=2, last=2))
    polled: list[str] = []
    bench.simulation.activities.on_offer = polled.append
    first = work(bench, name="first", TimeoutSeconds=60)
    assert (first.running, polled) == (True, [WORK["Resource"]])
    second = work(bench, name="second")
    assert (second.output and second.output.value, len(polled)) == ("second", 1)
    (left,) = bench.simulation.activities.offered(WORK["Resource"])
    bench.simulation.activities.take(left, "other")
    bench.simulation.scheduler.run()
    assert (first.error, bench.seen[0]) == ("States.Timeout", AnswerSeen(2, 2, 1, 1))


def test_no_worker_takes_a_task_that_has_a_token() -> None:
    bench = Bench(success(1, worker="vm-1"))
    execution = bench.play()
    assert (execution.output and execution.output.value) == 1
    assert bench.seen[0].missed == (Missed("worker", execution.arn),)


def test_heartbeats_without_an_end_may_go_on_until_the_execution_times_out() -> None:
    endless = Answer("Ask", "silence", every_s=30)
    bench = Bench(endless)
    execution = bench.begin({"StartAt": "Ask", "TimeoutSeconds": 300, "States": {"Ask": ASK}})
    bench.simulation.scheduler.run()
    assert (took(execution), bench.seen[0].missed, bench.seen[0].given) == (300, (), 1)
    bench = Bench(endless)
    assert bench.play(HeartbeatSeconds=60).running is False  # no heartbeat is sent
    assert bench.seen[0].missed[0].trouble == "endless"
