"""State machine failures, retries and error handling."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract import Lab, function, output_of, role

from harness.observe.model import Execution

APP = """
import time


class NoRoom(Exception):
    pass


def fail(event, context):
    raise NoRoom("no room for " + event["what"])


def hang(event, context):
    time.sleep(60)


def echo(event, context):
    return {"got": event}
"""


@pytest.fixture(scope="module")
def arns(lab: Lab) -> dict[str, str]:
    """Logical ID -> ARN."""
    resources = {
        "Role": role(),
        "Fail": function("app.fail", Timeout=30),
        "Hang": function("app.hang", Timeout=1),
        "Echo": function("app.echo", Timeout=30),
    }
    outputs = {name: {"Value": {"Fn::GetAtt": [name, "Arn"]}} for name in resources}
    return dict(lab.deploy({"Resources": resources, "Outputs": outputs}, {"src/app.py": APP}).outputs)


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, **({"End": True} | fields)}


def failed_attempts(execution: Execution) -> int:
    """The number of failures of a task, whether or not its events are named after Lambda."""
    return sum(e.type in ("LambdaFunctionFailed", "TaskFailed") for e in execution.events)


def test_a_task_gives_what_its_function_answers(lab: Lab, arns: dict[str, str]) -> None:
    states = {"Echo": task(arns["Echo"], Parameters={"n.$": "$.n"}, ResultPath="$.result")}
    assert output_of(lab.play(states, {"n": 1})) == {"n": 1, "result": {"got": {"n": 1}}}


def test_the_error_of_a_function_is_its_exceptions_class_with_json_as_cause(
    lab: Lab, arns: dict[str, str]
) -> None:
    execution = lab.play({"Fail": task(arns["Fail"])}, {"what": "photos"})
    assert (execution.status, execution.error) == ("FAILED", "NoRoom")
    cause = json.loads(execution.cause or "")
    assert (cause["errorType"], cause["errorMessage"]) == ("NoRoom", "no room for photos")
    assert "raise NoRoom" in cause["stackTrace"][-1]


def test_a_function_that_takes_too_long_is_an_error(lab: Lab, arns: dict[str, str]) -> None:
    execution = lab.play({"Hang": task(arns["Hang"])})
    assert execution.error == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in (execution.cause or "")


def test_retry_tries_as_often_as_it_says_and_then_fails(lab: Lab, arns: dict[str, str]) -> None:
    retry = [{"ErrorEquals": ["NoRoom"], "IntervalSeconds": 1, "MaxAttempts": 1, "BackoffRate": 1.0}]
    execution = lab.play({"Fail": task(arns["Fail"], Retry=retry)}, {"what": "photos"})
    assert execution.error == "NoRoom"
    assert failed_attempts(execution) == 2
    assert execution.path == ("Fail",)


def test_a_retrier_for_another_error_does_nothing(lab: Lab, arns: dict[str, str]) -> None:
    retry = [{"ErrorEquals": ["Another", "States.Timeout"], "IntervalSeconds": 60}]
    execution = lab.play({"Fail": task(arns["Fail"], Retry=retry)}, {"what": "photos"})
    assert failed_attempts(execution) == 1


@pytest.mark.parametrize("error", ["NoRoom", "States.TaskFailed", "States.ALL"])
def test_catch_goes_on_with_error_and_cause(lab: Lab, arns: dict[str, str], error: str) -> None:
    catch = [
        {"ErrorEquals": ["Another"], "Next": "Wrong"},
        {"ErrorEquals": [error], "ResultPath": "$.caught", "Next": "Caught"},
    ]
    states = {
        "Fail": task(arns["Fail"], Catch=catch),
        "Wrong": {"Type": "Fail"},
        "Caught": {"Type": "Pass", "End": True},
    }
    seen = output_of(lab.play(states, {"what": "photos"}))
    assert seen["what"] == "photos"
    assert seen["caught"]["Error"] == "NoRoom"
    assert json.loads(seen["caught"]["Cause"])["errorMessage"] == "no room for photos"


def test_a_catch_without_result_path_replaces_the_input(lab: Lab, arns: dict[str, str]) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    states = {"Fail": task(arns["Fail"], Catch=catch), "Caught": {"Type": "Pass", "End": True}}
    assert set(output_of(lab.play(states, {"what": "photos"}))) == {"Error", "Cause"}


def test_an_error_in_a_branch_fails_the_whole_parallel(lab: Lab, arns: dict[str, str]) -> None:
    branches = [
        {"StartAt": "Fail", "States": {"Fail": task(arns["Fail"])}},
        {"StartAt": "Good", "States": {"Good": {"Type": "Pass", "End": True}}},
    ]
    execution = lab.play(
        {"Parallel": {"Type": "Parallel", "Branches": branches, "End": True}}, {"what": "photos"}
    )
    assert (execution.status, execution.error) == ("FAILED", "NoRoom")


def test_an_error_in_a_branch_ends_the_others(lab: Lab) -> None:
    branches = [
        {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "Full"}}},
        {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 10, "End": True}}},
    ]
    execution = lab.play({"Parallel": {"Type": "Parallel", "Branches": branches, "End": True}})
    assert (execution.status, execution.error) == ("FAILED", "Full")
    assert execution.stopped_at is not None
    assert (execution.stopped_at - execution.started_at).total_seconds() < 9


def test_an_error_caught_in_a_branch_stays_there(lab: Lab, arns: dict[str, str]) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Zero"}]
    zero = {"Type": "Pass", "Result": 0, "End": True}
    branches = [
        {"StartAt": "Fail", "States": {"Fail": task(arns["Fail"], Catch=catch), "Zero": zero}},
        {"StartAt": "Good", "States": {"Good": {"Type": "Pass", "Result": 1, "End": True}}},
    ]
    states = {"Parallel": {"Type": "Parallel", "Branches": branches, "End": True}}
    assert output_of(lab.play(states, {"what": "photos"})) == [0, 1]


def test_a_machine_that_takes_too_long_is_timed_out(lab: Lab) -> None:
    execution = lab.play({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=1)
    assert execution.status == "TIMED_OUT"
    assert execution.events[-1].type == "ExecutionTimedOut"


def test_fail_names_its_error_and_cause(lab: Lab) -> None:
    execution = lab.play({"Failed": {"Type": "Fail", "Error": "Full", "Cause": "no room"}})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Full", "no room")


def test_fail_takes_error_and_cause_from_its_input(lab: Lab) -> None:
    states = {"Failed": {"Type": "Fail", "ErrorPath": "$.failure.error", "CausePath": "$.failure.cause"}}
    execution = lab.play(states, {"failure": {"error": "Full", "cause": "no room"}})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Full", "no room")


def test_publishing_to_a_topic_that_does_not_exist_is_an_error_that_can_be_caught(lab: Lab) -> None:
    topic = f"arn:aws:sns:{lab.clients.endpoint.region}:{lab.clients.endpoint.account_id}:nothing"
    states = {
        "Publish": task(
            "arn:aws:states:::sns:publish",
            Parameters={"TopicArn": topic, "Message": "hello"},
            Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}],
        ),
        "Caught": {"Type": "Pass", "End": True},
    }
    seen = output_of(lab.play(states))
    assert seen["Error"].startswith(("SNS.", "Sns."))
