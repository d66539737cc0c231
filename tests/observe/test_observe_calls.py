"""Calls in order, each with the state that it belongs to, from histories and invocations made by hand."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.functions.shared.model import Call, FunctionError, Invocation
from harness.observe.calls import calls
from harness.observe.model import Execution, HistoryEvent, Run, SeenCall
from harness.observe.origins import origins
from harness.observe.tasks import track

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
LIST = "arn:aws:lambda:eu-west-1:123456789012:function:usage-list"
FUNCTIONS = {"usage-list": "ListFunction"}
ATTIC, PHOTOS = '{"bucket": "attic"}', '{"bucket": "photos"}'


def event(number: int, previous: int, kind: str, at_s: float = 0, **details: Any) -> HistoryEvent:
    return HistoryEvent(number, previous, kind, BEGAN + timedelta(seconds=at_s), details)


def run(*events: HistoryEvent, name: str = "run-1", status: str = "SUCCEEDED") -> Run:
    arn = f"arn:aws:states:eu-west-1:123456789012:execution:M:{name}"
    machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:M"
    return Run(name, Execution(arn, name, machine, "M", status, BEGAN, None, "{}", None, None, None, events))


def invocation(name: str, payload: str, at_s: float, *made: Call, **more: Any) -> Invocation:
    started_at = BEGAN.timestamp() + at_s
    return Invocation(name, "usage-list", payload, "{}", None, "", started_at, 0.1, calls=made, **more)


def listed(bucket: str, at_s: float = 0, **more: Any) -> Call:
    return Call("s3", "ListObjectsV2", {"Bucket": bucket}, 200, None, at_s=BEGAN.timestamp() + at_s, **more)


def parallel() -> Run:
    """Two branches at the same time; the one of photos is tried twice, 1 s apart."""
    return run(
        event(1, 0, "ExecutionStarted"),
        event(2, 1, "ParallelStateEntered", name="Buckets", input="{}"),
        event(3, 2, "ParallelStateStarted"),
        event(4, 3, "TaskStateEntered", name="List0", input=ATTIC),
        event(5, 3, "TaskStateEntered", name="List1", input=PHOTOS),
        event(6, 4, "LambdaFunctionScheduled", resource=LIST, input=ATTIC),
        event(7, 5, "LambdaFunctionScheduled", resource=LIST, input=PHOTOS),
        event(8, 6, "LambdaFunctionSucceeded", 0.1, output="{}"),
        event(9, 8, "TaskStateExited", 0.1, name="List0"),
        event(10, 7, "LambdaFunctionFailed", 0.1, error="Transient", cause="slow"),
        event(11, 10, "LambdaFunctionScheduled", 1.1, resource=LIST, input=PHOTOS),
        event(12, 11, "LambdaFunctionSucceeded", 1.2, output="{}"),
        event(13, 12, "TaskStateExited", 1.2, name="List1"),
        event(14, 13, "ParallelStateSucceeded", 1.2),
        event(15, 14, "ParallelStateExited", 1.2, name="Buckets"),
        event(16, 15, "TaskStateEntered", 1.2, name="Publish", input="{}"),
        event(
            17,
            16,
            "TaskScheduled",
            1.2,
            resourceType="sns",
            resource="publish",
            parameters=json.dumps({"TopicArn": "arn:t", "Message": "x" * 300}),
        ),
        event(18, 17, "TaskFailed", 1.3, resourceType="sns", error="SNS.InternalError", cause="oh"),
    )


INVOCATIONS = (
    invocation("a", ATTIC, 0.0, listed("attic")),
    invocation("b", PHOTOS, 0.0, listed("photos")),
    invocation("c", PHOTOS, 1.1, listed("photos", 1.1), listed("photos", 1.1, attempts=3)),
)


def short(call: SeenCall) -> str:
    who = call.request_id or f"machine {call.invokes}".strip()
    at = (call.at - BEGAN).total_seconds()
    return f"{at:g} {call.state} {who} {call.service}:{call.operation} {call.bucket}".strip()


def test_calls_come_in_the_order_of_time_then_of_the_tasks_then_as_they_were_made() -> None:
    seen = calls((parallel(),), INVOCATIONS, FUNCTIONS)
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
    assert {call.execution for call in seen} == {parallel().execution.arn}


def test_the_order_does_not_depend_on_which_process_was_faster() -> None:
    expected = calls((parallel(),), INVOCATIONS, FUNCTIONS)
    for seed in range(10):
        shuffled = random.Random(seed).sample(INVOCATIONS, len(INVOCATIONS))
        assert calls((parallel(),), shuffled, FUNCTIONS) == expected


def test_a_state_machines_own_call_ends_as_its_history_says() -> None:
    first, _, second, _, third, _, _, publish = calls((parallel(),), INVOCATIONS, FUNCTIONS)
    assert [call.outcome for call in (first, second, third)] == ["succeeded", "failed", "succeeded"]
    assert (second.error, second.cause, second.status) == ("Transient", "slow", None)
    assert first.params == {"FunctionName": LIST, "Payload": {"bucket": "attic"}}
    assert (publish.outcome, publish.error, publish.cause) == ("failed", "SNS.InternalError", "oh")
    assert publish.params["Message"] == "x" * 200 + "... (300 characters)"
    assert (publish.function, publish.invokes) == ("", "")


def test_a_task_without_an_end_has_an_unknown_outcome_and_one_that_timed_out_its_error() -> None:
    begun = (
        event(1, 0, "TaskStateEntered", name="S", input="{}"),
        event(2, 1, "LambdaFunctionScheduled", resource=LIST, input="{}"),
    )
    (call,) = calls((run(*begun),), (), FUNCTIONS)
    assert (call.outcome, call.error) == ("unknown", None)
    (call,) = calls((run(*begun, event(3, 2, "LambdaFunctionTimedOut")),), (), FUNCTIONS)
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
    scheduled = event(
        2, 1, "TaskScheduled", resourceType=resource_type, resource=resource, parameters=parameters
    )
    (call,) = calls((run(event(1, 0, "TaskStateEntered", name="S", input="{}"), scheduled),), (), FUNCTIONS)
    assert f"{call.service}:{call.operation}" == expected
    assert call.resource == f"{resource_type}:{resource.partition('.')[0]}"
    assert call.bucket == ("attic" if expected == "lambda:Invoke" else "")
    assert call.invokes == ("ListFunction" if expected == "lambda:Invoke" else "")


def refused_then_invoked() -> Run:
    return run(
        event(1, 0, "TaskStateEntered", name="List", input=PHOTOS),
        event(2, 1, "LambdaFunctionScheduled", 0, resource=LIST, input=PHOTOS),
        event(3, 2, "LambdaFunctionScheduleFailed", 0.1, error="Lambda.TooManyRequestsException"),
        event(4, 3, "LambdaFunctionScheduled", 1.1, resource=LIST, input=PHOTOS),
        event(5, 4, "LambdaFunctionSucceeded", 1.2, output="{}"),
        event(6, 5, "TaskStateExited", 1.2, name="List"),
    )


def test_an_invocation_belongs_to_the_task_during_which_it_began() -> None:
    tasks = track(refused_then_invoked().execution).tasks
    (origin,) = origins(tasks, [invocation("a", PHOTOS, 1.1)])
    assert origin is tasks[1]
    assert [(task.attempt, task.error) for task in tasks] == [
        (0, "Lambda.TooManyRequestsException"),
        (1, None),
    ]


def test_without_events_in_the_history_only_a_single_task_of_the_time_is_taken() -> None:
    def begun(number: int, at_s: float, end_s: float) -> tuple[HistoryEvent, ...]:
        told = {"resourceType": "lambda", "resource": "invoke"}
        parameters = json.dumps({"FunctionName": LIST})
        return (
            event(number, 0, "TaskStateEntered", at_s, name=f"List{number}", input="{}"),
            event(number + 1, number, "TaskScheduled", at_s, parameters=parameters, **told),
            event(number + 2, number + 1, "TaskSucceeded", end_s, **told),
        )

    tasks = track(run(*begun(1, 0, 2), *begun(4, 1, 3)).execution).tasks
    alone, both, none = (invocation("a", PHOTOS, at_s) for at_s in (0.5, 1.5, 9))
    assert origins(tasks, [alone]) == (tasks[0],)
    assert origins(tasks, [both, none]) == (None, None)


def test_an_engine_that_knows_the_task_is_believed() -> None:
    one, other = (run(*refused_then_invoked().execution.events, name=name) for name in ("one", "other"))
    tasks = [task for each in (one, other) for task in track(each.execution).tasks]
    known = invocation("a", PHOTOS, 1.1, execution_arn=other.execution.arn, state="List", attempt=1)
    guessed = invocation("b", PHOTOS, 1.1)
    assert origins(tasks, [known, guessed]) == (tasks[3], tasks[1])


def test_an_invocation_of_no_state_machine_comes_after_others_of_its_time_and_has_no_state() -> None:
    seen = calls(
        (parallel(),), (invocation("x", '{"bucket": "else"}', 0, listed("photos")), *INVOCATIONS), FUNCTIONS
    )
    assert [short(call) for call in seen][4] == "0  x s3:ListObjectsV2 photos"
    assert (seen[4].execution, seen[4].state) == ("", "")


def test_the_bucket_is_the_parameter_else_that_of_the_event() -> None:
    put = Call("dynamodb", "BatchWriteItem", {"RequestItems": {}}, 200, None, at_s=BEGAN.timestamp())
    error = FunctionError("ValueError", "no")
    made = Invocation("a", "other", ATTIC, "{}", error, "", 0, 0.1, calls=(put, listed("photos")))
    assert [(call.bucket, call.function) for call in calls((), (made,), FUNCTIONS)] == [
        ("attic", "other"),
        ("photos", "other"),
    ]


def test_a_call_without_a_time_is_as_old_as_its_invocation() -> None:
    made = invocation("a", ATTIC, 5, Call("s3", "ListBuckets", {}, 200, None))
    (call,) = calls((), (made,), FUNCTIONS)
    assert call.at == BEGAN + timedelta(seconds=5)


def test_visits_are_nested_as_the_states_are() -> None:
    root = track(parallel().execution).root
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
    root = track(
        run(
            event(1, 0, "MapStateEntered", name="Each", input="[]"),
            event(2, 1, "MapStateStarted", length=2),
            event(3, 2, "MapIterationStarted", name="Each", index=0),
            event(4, 3, "PassStateEntered", name="P", input="{}"),
            event(5, 2, "MapIterationStarted", name="Each", index=1),
            event(6, 4, "PassStateExited", name="P"),
            event(7, 5, "ParallelStateEntered", name="Q", input="{}"),
            event(8, 6, "MapIterationSucceeded", name="Each", index=0),
            event(9, 7, "ParallelStateStarted"),
            event(10, 9, "TaskStateEntered", name="T", input="{}"),
            event(11, 10, "LambdaFunctionScheduled", resource=LIST, input="{}"),
            event(12, 11, "LambdaFunctionFailed", error="E"),
            event(13, 12, "ParallelStateFailed", error="E"),
            event(14, 13, "ParallelStateExited", name="Q"),
            event(15, 14, "PassStateEntered", name="R", input="{}"),
            event(16, 15, "PassStateExited", name="R"),
            event(17, 16, "MapIterationSucceeded", name="Each", index=1),
            event(18, 17, "MapStateSucceeded"),
            event(19, 18, "MapStateExited", name="Each"),
            event(20, 19, "SucceedStateEntered", name="Done", input="{}"),
        ).execution
    ).root
    assert [visit.name for visit in root.visits] == ["Each", "Done"]
    first, second = root.visits[0].branches
    assert [visit.name for visit in first.visits] == ["P"]
    assert [visit.name for visit in second.visits] == ["Q", "R"]
    parallel_visit = second.visits[0]
    assert [visit.name for visit in parallel_visit.branches[0].visits] == ["T"]
    assert parallel_visit.last.type == "ParallelStateFailed"
    assert parallel_visit.exited is not None
