"""Calls in order, each with its state, from handmade histories and invocations."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from harness.functions.shared.model import Call, Invocation
from harness.observe.calls import calls
from harness.observe.match_invocations import matching_tasks
from harness.observe.model import Execution, Run, SeenCall
from harness.observe.tasks import track
from harness.testing import START, a_call, a_history, an_execution, an_invocation, arn

LIST = arn("lambda", "function:usage-list")
FUNCTIONS = {"usage-list": "ListFunction"}
ATTIC, PHOTOS = '{"bucket": "attic"}', '{"bucket": "photos"}'


def listed(bucket: str, at_s: float = 0, attempts: int = 1) -> Call:
    return replace(a_call("s3:ListObjectsV2", at_s=at_s, Bucket=bucket), attempts=attempts)


def parallel() -> Execution:
    """Two concurrent branches. The branch for photos is tried twice, 1 s apart."""
    published = json.dumps({"TopicArn": "arn:t", "Message": "x" * 300})
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Buckets", "Parallel")
        .event("ParallelStateStarted")
        .enters("List0", input=ATTIC)
        .enters("List1", input=PHOTOS, after=3)
        .schedules("usage-list", ATTIC, after=4)
        .schedules("usage-list", PHOTOS, after=5)
        .succeeds(after=6, at_s=0.1)
        .exits("List0")
        .fails("Transient", "slow", after=7)
        .schedules("usage-list", PHOTOS, at_s=1.1)
        .succeeds(at_s=1.2)
        .exits("List1")
        .event("ParallelStateSucceeded")
        .exits("Buckets", "Parallel")
        .enters("Publish")
        .calls("sns:publish", published)
        .fails("SNS.InternalError", "oh", at_s=1.3)
    )
    return an_execution(history=history)


RAN = Run("run-1", parallel())


def invoked(request_id: str, payload: str, at_s: float, *made: Call) -> Invocation:
    return an_invocation("usage-list", *made, payload=payload, at_s=at_s, request_id=request_id)


INVOCATIONS = (
    invoked("a", ATTIC, 0.0, listed("attic")),
    invoked("b", PHOTOS, 0.0, listed("photos")),
    invoked("c", PHOTOS, 1.1, listed("photos", 1.1), listed("photos", 1.1, attempts=3)),
)


def short(call: SeenCall) -> str:
    who = call.request_id or f"machine {call.invokes}".strip()
    at = (call.at - START).total_seconds()
    return f"{at:g} {call.state} {who} {call.service}:{call.operation} {call.bucket}".strip()


def test_calls_come_in_the_order_of_time_then_of_the_tasks_then_as_they_were_made() -> None:
    seen = calls((RAN,), INVOCATIONS, FUNCTIONS)
    assert [short(call) for call in seen] == [
        "0 List0 machine ListFunction lambda:Invoke attic",
        "0 List0 a s3:ListObjectsV2 attic",
        "0 List1 machine ListFunction lambda:Invoke photos",
        "0 List1 b s3:ListObjectsV2 photos",
        "1.1 List1 machine ListFunction lambda:Invoke photos",
        "1.1 List1 c s3:ListObjectsV2 photos",
        "1.1 List1 c s3:ListObjectsV2 photos",
        "1.2 Publish machine sns:Publish",
    ]
    assert [call.attempts for call in seen] == [1, 1, 1, 1, 1, 1, 3, 1]
    assert {call.execution for call in seen} == {parallel().arn}


def test_the_order_does_not_depend_on_which_process_was_faster() -> None:
    expected = calls((RAN,), INVOCATIONS, FUNCTIONS)
    for seed in range(10):
        shuffled = random.Random(seed).sample(INVOCATIONS, len(INVOCATIONS))
        assert calls((RAN,), shuffled, FUNCTIONS) == expected


def test_a_state_machines_own_call_ends_as_its_history_says() -> None:
    first, _, second, _, third, _, _, publish = calls((RAN,), INVOCATIONS, FUNCTIONS)
    assert [call.outcome for call in (first, second, third)] == ["succeeded", "failed", "succeeded"]
    assert (second.error, second.cause, second.status) == ("Transient", "slow", None)
    assert first.params == {"FunctionName": LIST, "Payload": {"bucket": "attic"}}
    assert (publish.outcome, publish.error, publish.cause) == ("failed", "SNS.InternalError", "oh")
    assert publish.params["Message"] == "x" * 200 + "... (300 characters)"
    assert (publish.function, publish.invokes) == ("", "")


def test_a_task_without_an_end_has_an_unknown_outcome_and_one_that_timed_out_its_error() -> None:
    begun = a_history().enters("S").schedules("usage-list")
    (call,) = calls((Run("run-1", an_execution(history=begun)),), (), FUNCTIONS)
    assert (call.outcome, call.error) == ("unknown", None)
    begun.event("LambdaFunctionTimedOut")
    (call,) = calls((Run("run-1", an_execution(history=begun)),), (), FUNCTIONS)
    assert (call.outcome, call.error) == ("failed", "States.Timeout")


@pytest.mark.parametrize(
    ("resource_type", "resource", "expected"),
    [
        ("sns", "publish", "sns:Publish"),
        ("states", "startExecution.sync:2", "states:StartExecution"),
        ("aws-sdk:sfn", "deleteStateMachine", "sfn:DeleteStateMachine"),
        ("lambda", "invoke", "lambda:Invoke"),
        ("ecs", "runTask.sync", "ecs:RunTask"),
    ],
)
def test_every_integration_is_a_call(resource_type: str, resource: str, expected: str) -> None:
    of_function = {"FunctionName": LIST, "Payload": {"bucket": "attic"}}
    parameters = json.dumps(of_function if resource_type == "lambda" else {"Payload": {"bucket": "attic"}})
    history = a_history().enters("S").calls(f"{resource_type}:{resource}", parameters)
    (call,) = calls((Run("run-1", an_execution(history=history)),), (), FUNCTIONS)
    assert f"{call.service}:{call.operation}" == expected
    assert call.resource == f"{resource_type}:{resource.partition('.')[0]}"
    assert call.bucket == ("attic" if expected == "lambda:Invoke" else "")
    assert call.invokes == ("ListFunction" if expected == "lambda:Invoke" else "")


def refused_then_invoked(name: str = "run-1") -> Execution:
    history = (
        a_history()
        .enters("List", input=PHOTOS)
        .schedules("usage-list", PHOTOS)
        .event("LambdaFunctionScheduleFailed", at_s=0.1, error="Lambda.TooManyRequestsException")
        .schedules("usage-list", PHOTOS, at_s=1.1)
        .succeeds(at_s=1.2)
        .exits("List")
    )
    return an_execution(history=history, name=name)


def test_an_invocation_belongs_to_the_task_during_which_it_began() -> None:
    tasks = track(refused_then_invoked()).tasks
    (origin,) = matching_tasks(tasks, [invoked("a", PHOTOS, 1.1)])
    assert origin is tasks[1]
    assert [(task.attempt, task.error) for task in tasks] == [
        (0, "Lambda.TooManyRequestsException"),
        (1, None),
    ]


def test_without_events_in_the_history_only_a_single_task_of_the_time_is_taken() -> None:
    parameters = json.dumps({"FunctionName": LIST})
    history = (
        a_history()
        .enters("List1", after=0, at_s=0)
        .calls("lambda:invoke", parameters)
        .succeeds(at_s=2)
        .enters("List4", after=0, at_s=1)
        .calls("lambda:invoke", parameters)
        .succeeds(at_s=3)
    )
    tasks = track(an_execution(history=history)).tasks
    alone, both, none = (invoked("a", PHOTOS, at_s) for at_s in (0.5, 1.5, 9))
    assert matching_tasks(tasks, [alone]) == (tasks[0],)
    assert matching_tasks(tasks, [both, none]) == (None, None)


def test_an_engine_that_knows_the_task_is_believed() -> None:
    one, other = (refused_then_invoked(name) for name in ("one", "other"))
    tasks = [task for each in (one, other) for task in track(each).tasks]
    known = replace(invoked("a", PHOTOS, 1.1), execution_arn=other.arn, state="List", attempt=1)
    guessed = invoked("b", PHOTOS, 1.1)
    assert matching_tasks(tasks, [known, guessed]) == (tasks[3], tasks[1])


def test_an_invocation_of_no_state_machine_comes_after_others_of_its_time_and_has_no_state() -> None:
    seen = calls((RAN,), (invoked("x", '{"bucket": "else"}', 0, listed("photos")), *INVOCATIONS), FUNCTIONS)
    assert [short(call) for call in seen][4] == "0  x s3:ListObjectsV2 photos"
    assert (seen[4].execution, seen[4].state) == ("", "")


def test_the_bucket_is_the_parameter_else_that_of_the_event() -> None:
    put = a_call("dynamodb:BatchWriteItem", RequestItems={})
    made = an_invocation("other", put, listed("photos"), payload=ATTIC, error="ValueError: no")
    assert [(call.bucket, call.function) for call in calls((), (made,), FUNCTIONS)] == [
        ("attic", "other"),
        ("photos", "other"),
    ]


def test_a_call_without_a_time_is_as_old_as_its_invocation() -> None:
    made = invoked("a", ATTIC, 5, Call("s3", "ListBuckets", {}, 200, None))
    (call,) = calls((), (made,), FUNCTIONS)
    assert call.at == START + timedelta(seconds=5)


def test_visits_are_nested_as_the_states_are() -> None:
    root = track(parallel()).root
    assert [(visit.name, visit.kind) for visit in root.visits] == [
        ("Buckets", "Parallel"),
        ("Publish", "Task"),
    ]
    branches = root.visits[0].branches
    assert [[visit.name for visit in branch.visits] for branch in branches] == [["List0"], ["List1"]]
    assert [len(branch.visits[0].tasks) for branch in branches] == [1, 2]
    assert root.visits[0].exited is not None
    assert root.visits[1].exited is None
    assert root.visits[1].last.type == "TaskFailed"


def test_iterations_of_a_map_in_a_branch_and_a_parallel_that_failed_are_left_again() -> None:
    history = (
        a_history()
        .enters("Each", "Map")
        .event("MapStateStarted", length=2)
        .event("MapIterationStarted", name="Each", index=0)
        .enters("P", "Pass")
        .event("MapIterationStarted", after=2, name="Each", index=1)
        .exits("P", "Pass", after=4)
        .enters("Q", "Parallel", after=5)
        .event("MapIterationSucceeded", after=6, name="Each", index=0)
        .event("ParallelStateStarted", after=7)
        .enters("T")
        .schedules("usage-list")
        .fails("E")
        .event("ParallelStateFailed", error="E")
        .exits("Q", "Parallel")
        .enters("R", "Pass")
        .exits("R", "Pass")
        .event("MapIterationSucceeded", name="Each", index=1)
        .event("MapStateSucceeded")
        .exits("Each", "Map")
        .enters("Done", "Succeed")
    )
    root = track(an_execution(history=history)).root
    assert [visit.name for visit in root.visits] == ["Each", "Done"]
    first, second = root.visits[0].branches
    assert [visit.name for visit in first.visits] == ["P"]
    assert [visit.name for visit in second.visits] == ["Q", "R"]
    parallel_visit = second.visits[0]
    assert [visit.name for visit in parallel_visit.branches[0].visits] == ["T"]
    assert parallel_visit.last.type == "ParallelStateFailed"
    assert parallel_visit.exited is not None


def test_an_event_belongs_to_a_state_and_an_execution_ends_in_the_innermost_one() -> None:
    history = (
        a_history()
        .event("ExecutionStarted")
        .enters("Both", "Parallel")
        .event("ParallelStateStarted")
        .enters("A", "Pass")
        .enters("B", after=3)
        .exits("A", "Pass", after=4)
        .schedules("usage-list", after=5)
        .fails("E")
        .event("ParallelStateFailed", error="E")
        .event("ExecutionFailed", error="E")
    )
    seen = track(an_execution("FAILED", history=history))
    names = {number: visit.name for number, visit in seen.visits.items()}
    assert names == {2: "Both", 3: "Both", 4: "A", 5: "B", 6: "A", 7: "B", 8: "B", 9: "Both"}
    assert [visit.inside for visit in (seen.visits[2], seen.visits[8])] == ["", "Both"]
    assert seen.last is seen.visits[8]
