"""Stand-ins answer tasks in the way in which the integrations do: with their events, in their time."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from tasks_support import FUNCTION, Bench, task

from harness.functions.shared.model import Fault
from harness.stepfunctions.stand_ins import Answer, StandIn, StandIns
from harness.stepfunctions.task_time import TaskDuration, TaskDurations

ECS = "arn:aws:states:::ecs:runTask.sync"
RUN = {"TaskDefinition": "reader", "Cluster": "one"}
INVOKE = "arn:aws:states:::lambda:invoke"


def answers(bench: Bench, *stand_ins: StandIn) -> None:
    bench.tasks.stand_ins = StandIns(
        [StandIn.from_json(json.loads(json.dumps(asdict(each)))) for each in stand_ins]
    )


def events(bench: Bench) -> list[str]:
    own = [event["type"] for event in bench.history() if event["type"].startswith(("Task", "Lambda"))]
    return own[1:-1] if own[-1] == "TaskStateExited" else own[1:]


def test_a_job_is_submitted_and_ends_in_its_time(bench: Bench) -> None:
    answers(bench, StandIn((Answer({"LastStatus": "STOPPED"}, takes_s=300),), resource="ecs:runTask.sync"))
    shown = bench.play(task(ECS, Parameters=RUN))
    assert json.loads(shown["output"]) == {"LastStatus": "STOPPED"}
    assert shown["stopDate"] - shown["startDate"] == 300
    assert events(bench) == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    submitted = next(event for event in bench.history() if event["type"] == "TaskSubmitted")
    output = json.loads(submitted["taskSubmittedEventDetails"]["output"])
    assert output["Tasks"][0]["LastStatus"] == "STOPPED"


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        ("States.TaskFailed", ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskFailed"]),
        ("ECS.ServerException", ["TaskScheduled", "TaskStarted", "TaskFailed"]),
    ],
)
def test_a_job_fails_after_it_was_submitted_or_is_not_submitted(
    bench: Bench, error: str, seen: list[str]
) -> None:
    answers(bench, StandIn((Answer(error=error, cause="no"),), state="T"))
    shown = bench.play(task(ECS, Parameters=RUN))
    assert (shown["status"], shown["error"], shown["cause"]) == ("FAILED", error, "no")
    assert events(bench) == seen


def test_a_job_that_takes_too_long_times_out(bench: Bench) -> None:
    answers(bench, StandIn((Answer({}, takes_s=300),), state="T"))
    shown = bench.play(task(ECS, Parameters=RUN, TimeoutSeconds=60))
    assert (shown["error"], shown["stopDate"] - shown["startDate"]) == ("States.Timeout", 60)
    assert events(bench)[-1] == "TaskTimedOut"


def test_retries_get_one_answer_after_another(bench: Bench) -> None:
    twice = Answer(error="ECS.ServerException", times=2)
    answers(bench, StandIn((twice, Answer({"LastStatus": "STOPPED"})), state="T", last=3))
    retry = [{"ErrorEquals": ["ECS.ServerException"], "IntervalSeconds": 10, "BackoffRate": 1}]
    shown = bench.play(task(ECS, Parameters=RUN, Retry=retry))
    assert shown["status"] == "SUCCEEDED"
    assert bench.tasks.stand_ins.used() == {0: 3}


def test_what_no_answer_is_left_for_is_not_served(bench: Bench) -> None:
    answers(bench, StandIn((Answer(error="ECS.ServerException"),), state="T", last=1))
    shown = bench.play(task(ECS, Parameters=RUN, Retry=[{"ErrorEquals": ["States.ALL"]}]))
    assert shown["error"] == "States.Runtime"
    assert shown["cause"].startswith(f"{ECS} is not served here; none of its stand-ins (1 in tasks) matches")


def test_the_first_that_fits_decides(bench: Bench) -> None:
    answers(
        bench,
        StandIn((Answer(1),), state="Other"),
        StandIn((Answer(2),), state="T", params={"Cluster": "two"}),
        StandIn((Answer(3),), state="T", matcher={"contains": ["two"]}),
        StandIn((Answer(4),), state="T", matcher={"not": {"contains": ["one"]}}),
        StandIn((Answer(5),), state="T", first=2),
        StandIn((Answer(6),), state="T", params={"Cluster": "one"}, matcher={"equals": RUN}),
        StandIn((Answer(7),), state="T"),
    )
    assert bench.play(task(ECS, Parameters=RUN))["output"] == "6"
    assert bench.tasks.stand_ins.used() == {0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 1, 6: 0}


def test_a_stand_in_is_for_iterations_of_maps(bench: Bench) -> None:
    answers(
        bench,
        StandIn((Answer("one"),), state="T", iterations={"Outer": 1, "Inner": 0}),
        StandIn((Answer("all of it"),), state="T", iterations={"Inner": 1}),
        StandIn((Answer("rest"),), state="T"),
    )
    inner = {"Type": "Map", "ItemProcessor": {"StartAt": "T", "States": task(ECS, Parameters=RUN)}}
    states = {"Inner": {**inner, "End": True}}
    outer = {"Type": "Map", "ItemProcessor": {"StartAt": "Inner", "States": states}, "End": True}
    shown = bench.play({"Outer": outer}, "[[1, 1], [1, 1]]")
    assert json.loads(shown["output"]) == [["rest", "all of it"], ["one", "all of it"]]


@pytest.mark.parametrize("named", ["count", FUNCTION])
def test_a_function_answers_what_it_returns(bench: Bench, named: str) -> None:
    answers(bench, StandIn((Answer({"n": 2}),), function=named, matcher={"equals": {"n": 1}}))
    assert bench.play(task(FUNCTION), '{"n": 1}')["output"] == '{"n":2}'
    assert events(bench) == ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]
    assert bench.functions.calls == []


def test_lambda_invoke_wraps_what_a_function_returns(bench: Bench) -> None:
    answers(bench, StandIn((Answer([1]),), function="count"))
    shown = bench.play(task(INVOKE, Parameters={"FunctionName": f"{FUNCTION}:live", "Payload": {}}))
    output = json.loads(shown["output"])
    assert (output["Payload"], output["StatusCode"]) == ([1], 200)


def test_a_function_fails_with_its_error_type_and_message(bench: Bench) -> None:
    answers(bench, StandIn((Answer(error="NoRoom", cause="full"),), function="count"))
    shown = bench.play(task(INVOKE, Parameters={"FunctionName": "count"}))
    assert (shown["error"], shown["cause"]) == ("NoRoom", '{"errorMessage":"full","errorType":"NoRoom"}')


def test_a_token_is_answered(bench: Bench) -> None:
    answers(bench, StandIn((Answer({"ok": True}, takes_s=60),), state="T"))
    parameters = {"QueueUrl": "https://sqs/q", "MessageBody": {"token.$": "$$.Task.Token"}}
    shown = bench.play(task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters=parameters))
    assert (shown["output"], shown["stopDate"] - shown["startDate"]) == ('{"ok":true}', 60)
    assert events(bench) == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_durations_say_how_long_it_takes_where_the_stand_in_does_not(bench: Bench) -> None:
    bench.tasks.durations = TaskDurations([TaskDuration(7, task="ecs:runTask")])
    answers(bench, StandIn((Answer({}),), state="T", last=1), StandIn((Answer({}, takes_s=2),), state="T"))
    shown = bench.play(task(ECS, Parameters=RUN))
    assert shown["stopDate"] - shown["startDate"] == 7


def test_a_fault_comes_before_a_stand_in(bench: Bench) -> None:
    bench.faults.set([Fault("error", "task", "ecs", "RunTask", arguments={"error": "ServerException"})])
    answers(bench, StandIn((Answer({}),), state="T"))
    assert bench.play(task(ECS, Parameters=RUN))["status"] == "FAILED"


ANSWERS = """\
from harness.task_error import TaskError
from .beside import CODE
seen = []
def run_task(given):
    seen.append(given)
    if given["Cluster"] == "full":
        raise TaskError("ECS.ServerException", "no room")
    if given["Cluster"] == "none":
        return {1, 2}
    return {"StoppedReason": given["Cluster"], "Code": CODE, "Seen": len(seen)}
def broken(given):
    return given["none"]
"""


@pytest.mark.parametrize(
    ("function", "cluster", "output", "failed"),
    [
        ("run_task", "one", '{"StoppedReason":"one","Code":7,"Seen":1}', ("", "")),
        ("run_task", "full", "", ("ECS.ServerException", "no room")),
        (
            "run_task",
            "none",
            "",
            ("States.Runtime", "TypeError: Object of type set is not JSON serializable"),
        ),
        ("broken", "one", "", ("States.Runtime", "answers.py:12: KeyError: 'none'")),
        ("gone", "one", "", ("States.Runtime", "answers.py has no function gone")),
    ],
)
def test_a_function_of_the_project_answers(
    bench: Bench, tmp_path: Path, function: str, cluster: str, output: str, failed: tuple[str, str]
) -> None:
    (tmp_path / "answers.py").write_text(ANSWERS)
    (tmp_path / "beside.py").write_text("CODE = 7")
    answers(bench, StandIn((Answer(),), state="T", python=(str(tmp_path / "answers.py"), function)))
    shown = bench.play(task(ECS, Parameters={**RUN, "Cluster": cluster}))
    assert shown.get("output", "") == output
    assert shown.get("error", "") == failed[0]
    assert shown.get("cause", "").endswith(failed[1])
