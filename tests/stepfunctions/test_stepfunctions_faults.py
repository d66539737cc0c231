"""Faults of tasks: how they fail, what has been done then, how long it takes, what counts together."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stepfunctions_support import CALLER
from tasks_support import FUNCTION, Bench, task

from harness.functions.shared.model import Fault
from harness.stepfunctions.functions import FunctionAnswer, FunctionCall

INVOKE = "arn:aws:states:::lambda:invoke"
PUBLISH = "arn:aws:states:::sns:publish"
REFUSED: dict[str, Any] = {"error": "TooManyRequestsException"}
AGAIN = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "BackoffRate": 1.0, "MaxAttempts": 5}


def of_function(kind: str = "error", **more: Any) -> Fault:
    arguments = more.pop("arguments", REFUSED if kind == "error" else {})
    return Fault(kind, "task", "lambda", "Invoke", arguments=arguments, **more)


@pytest.mark.parametrize(
    "state",
    [task(FUNCTION), task(INVOKE, Parameters={"FunctionName": "count", "Payload": {"bucket": "photos"}})],
)
def test_a_function_is_refused_in_either_way_to_invoke_it(bench: Bench, state: Any) -> None:
    bench.faults.set([of_function(function="count", bucket="photos")])
    shown = bench.play(state, '{"bucket": "photos"}')
    assert (shown["status"], shown["error"]) == ("FAILED", "Lambda.TooManyRequestsException")
    assert shown["cause"].startswith(
        "Rate Exceeded. (Service: AWSLambda; Status Code: 429; "
        "Error Code: TooManyRequestsException; Request ID: "
    )
    assert shown["cause"].endswith("; Proxy: null)")
    assert bench.functions.calls == []
    assert bench.faults.fired() == {0: 1}


@pytest.mark.parametrize(
    "other",
    [
        of_function(function="another"),
        of_function(bucket="attic"),
        of_function(state="U"),
        of_function(params={"Payload": {"n": 2}}),
        of_function(first=2),
        Fault("error", "task", "sns", "Publish", arguments={"error": "InternalError"}),
        Fault("error", "call", "lambda", "Invoke", arguments=REFUSED),
    ],
)
def test_a_fault_of_something_else_does_nothing(bench: Bench, other: Fault) -> None:
    bench.faults.set([other])
    assert bench.play(task(FUNCTION), '{"bucket": "photos", "n": 1}')["status"] == "SUCCEEDED"
    assert bench.faults.fired() == {0: 0}


PARAMETERS: dict[str, dict[str, Any]] = {
    "sns": {"TopicArn": "x", "Message": "y"},
    "dynamodb": {"TableName": "t", "Item": {"id": {"S": "a"}}},
    "aws-sdk:s3": {"Bucket": "b"},
    "lambda": {"FunctionName": "count"},
    "states": {"StateMachineArn": "x"},
}


@pytest.mark.parametrize(
    ("resource", "service", "operation", "code", "error", "cause"),
    [
        (
            PUBLISH,
            "sns",
            "Publish",
            "InternalError",
            "SNS.InternalErrorException",
            "no (Service: AmazonSNS; Status Code: 500; Error Code: InternalError; "
            "Request ID: {}; Proxy: null)",
        ),
        (
            "arn:aws:states:::dynamodb:putItem",
            "dynamodb",
            "PutItem",
            "ThrottlingException",
            "DynamoDB.ThrottlingException",
            "no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ThrottlingException; "
            "Request ID: {}; Proxy: null)",
        ),
        (
            "arn:aws:states:::aws-sdk:s3:listObjectsV2",
            "aws-sdk:s3",
            "ListObjectsV2",
            "SlowDown",
            "S3.S3Exception",
            "no (Service: S3, Status Code: 503, Request ID: {})",
        ),
        (
            INVOKE,
            "lambda",
            "Invoke",
            "ServiceException",
            "Lambda.ServiceException",
            "no (Service: AWSLambda; Status Code: 500; Error Code: ServiceException; "
            "Request ID: {}; Proxy: null)",
        ),
        (
            "arn:aws:states:::states:startExecution",
            "states",
            "StartExecution",
            "ExecutionLimitExceeded",
            "StepFunctions.ExecutionLimitExceededException",
            "no (Service: AWSStepFunctions; Status Code: 400; Error Code: ExecutionLimitExceeded; "
            "Request ID: {}; Proxy: null)",
        ),
    ],
)
def test_a_service_refuses_in_its_own_words(
    bench: Bench, resource: str, service: str, operation: str, code: str, error: str, cause: str
) -> None:
    arguments = {"error": code, "message": "no"}
    bench.faults.set([Fault("error", "task", service, operation, arguments=arguments)])
    shown = bench.play(task(resource, Parameters=PARAMETERS[service]))
    assert shown["error"] == error
    before, after = cause.split("{}")
    assert shown["cause"].startswith(before)
    assert shown["cause"].endswith(after)


@pytest.mark.parametrize(("when", "times"), [("before", 0), ("after", 1)])
def test_a_function_whose_answer_does_not_come_may_have_worked(bench: Bench, when: str, times: int) -> None:
    bench.faults.set([of_function("cut", arguments={"cut": when})])
    bench.functions.behaviour = lambda call: FunctionAnswer("1", failed=False, duration_s=7)
    shown = bench.play(task(FUNCTION))
    assert (shown["status"], shown["error"]) == ("FAILED", "Lambda.SdkClientException")
    assert "failed to respond" in shown["cause"]
    assert len(bench.functions.calls) == times
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(7 if times else 0.1)


@pytest.mark.parametrize(("when", "status"), [("before", []), ("after", ["SUCCEEDED"])])
def test_an_execution_whose_start_is_not_answered_may_run(bench: Bench, when: str, status: list[str]) -> None:
    child = bench.create("child", {"S": {"Type": "Succeed"}})
    bench.faults.set([Fault("cut", "task", "states", "StartExecution", arguments={"cut": when})])
    shown = bench.play(task("arn:aws:states:::states:startExecution", Parameters={"StateMachineArn": child}))
    assert shown["error"] == "StepFunctions.SdkClientException"
    listed = bench.api.call("ListExecutions", CALLER, {"stateMachineArn": child})["executions"]
    assert [execution["status"] for execution in listed] == status


def test_a_delay_comes_on_top_of_what_the_function_takes(bench: Bench) -> None:
    bench.faults.set([of_function("delay", arguments={"delay": 20})])
    bench.functions.behaviour = lambda call: FunctionAnswer("1", failed=False, duration_s=7)
    shown = bench.play(task(FUNCTION))
    assert shown["status"] == "SUCCEEDED"
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(27)


def test_a_delay_beyond_the_states_limit_is_a_timeout(bench: Bench) -> None:
    bench.faults.set([of_function("delay", arguments={"delay": 20})])
    shown = bench.play(task(FUNCTION, TimeoutSeconds=10))
    assert (shown["status"], shown["error"]) == ("FAILED", "States.Timeout")
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(10)


def test_retries_are_counted_together(bench: Bench) -> None:
    bench.faults.set([of_function(first=2, last=3)])
    bench.functions.behaviour = lambda call: FunctionAnswer('{"errorType": "E"}', failed=True)
    retry = {**AGAIN, "ErrorEquals": ["States.ALL"], "MaxAttempts": 4}
    bench.play(task(FUNCTION, Retry=[retry]))
    errors = [
        e["lambdaFunctionFailedEventDetails"]["error"]
        for e in bench.history()
        if "FunctionFailed" in e["type"]
    ]
    refused = "Lambda.TooManyRequestsException"
    assert errors == ["E", refused, refused, "E", "E"]
    assert [call.attempt for call in bench.functions.calls] == [0, 3, 4]


def test_iterations_of_a_map_and_executions_are_counted_by_themselves(bench: Bench) -> None:
    bench.faults.set([of_function(last=1)])
    states = {
        "M": {
            "Type": "Map",
            "MaxConcurrency": 1,
            "ItemProcessor": {"StartAt": "T", "States": task(FUNCTION, Retry=[AGAIN])},
            "End": True,
        }
    }
    assert bench.play(states, '[{"n": 1}, {"n": 2}]')["status"] == "SUCCEEDED"
    assert bench.faults.fired() == {0: 2}
    assert [call.attempt for call in bench.functions.calls] == [1, 1]
    lanes = {call.lane.partition(" ")[2] for call in bench.functions.calls}
    assert lanes == {"M[0]/T", "M[1]/T"}


def test_a_fault_is_for_an_iteration_of_a_map(bench: Bench) -> None:
    this, other = {"Process item": 1}, {"item": 0}
    bench.faults.set([of_function(iterations=this, last=1), of_function(iterations=other, id=1)])
    processor = {"StartAt": "T", "States": task(FUNCTION, Retry=[AGAIN])}
    shown = bench.play(
        {"Process item": {"Type": "Map", "ItemProcessor": processor, "End": True}}, '[{"n": 1}, {"n": 2}]'
    )
    assert (shown["status"], bench.faults.fired()) == ("SUCCEEDED", {0: 1, 1: 0})
    assert sorted((call.lane.partition(" ")[2], call.attempt) for call in bench.functions.calls) == [
        ("Process item[0]/T", 0),
        ("Process item[1]/T", 1),
    ]


def test_a_state_that_is_entered_again_goes_on_counting(bench: Bench) -> None:
    bench.faults.set([of_function(first=3, last=3)])

    def count(call: FunctionCall) -> FunctionAnswer:
        return FunctionAnswer(json.dumps({"n": json.loads(call.payload)["n"] + 1}), failed=False)

    bench.functions.behaviour = count
    choice = {"Variable": "$.n", "NumericLessThan": 5, "Next": "T"}
    state = {**task(FUNCTION)["T"], "Next": "C"}
    del state["End"]
    shown = bench.play(
        {"T": state, "C": {"Type": "Choice", "Choices": [choice], "Default": "E"}, "E": {"Type": "Succeed"}},
        '{"n": 0}',
    )
    assert (shown["status"], shown["error"]) == ("FAILED", "Lambda.TooManyRequestsException")
    assert len(bench.functions.calls) == 2


def test_of_two_that_fit_the_first_one_happens(bench: Bench) -> None:
    slow = of_function("delay", arguments={"delay": 5})
    other = of_function(arguments={"error": "ServiceException"}, id=2)
    bench.faults.set([slow, of_function(id=1), other])
    shown = bench.play(task(FUNCTION))
    assert shown["error"] == "Lambda.TooManyRequestsException"
    assert shown["stopDate"] - shown["startDate"] == pytest.approx(5.1)
    assert bench.faults.fired() == {0: 1, 1: 1, 2: 0}


def test_a_function_is_told_which_task_invokes_it(bench: Bench) -> None:
    bench.play(task(FUNCTION))
    (call,) = bench.functions.calls
    assert call.execution_arn.endswith(":execution:machine:run")
    assert (call.state, call.attempt, call.lane) == ("T", 0, f"{call.execution_arn} T")


@pytest.mark.parametrize(
    ("returns", "answer"),
    [({"b": {"c": 2}, "gone": None}, {"a": 1, "b": {"d": 3, "c": 2}}), ([1], [1])],
)
def test_a_task_answers_something_else_after_its_work(bench: Bench, returns: Any, answer: Any) -> None:
    bench.faults.set([of_function("returns", arguments={"returns": returns})])
    own = '{"a": 1, "b": {"d": 3}, "gone": 4}'
    bench.functions.behaviour = lambda call: FunctionAnswer(own, failed=False)
    shown = bench.play(task(FUNCTION))
    assert json.loads(shown["output"]) == answer
    assert len(bench.functions.calls) == 1


def test_a_task_that_fails_by_itself_fails_whatever_it_is_to_answer(bench: Bench) -> None:
    bench.faults.set([of_function("returns", arguments={"returns": {"a": 1}})])
    bench.functions.behaviour = lambda call: FunctionAnswer('{"errorType": "Own"}', failed=True)
    assert bench.play(task(FUNCTION))["error"] == "Own"
