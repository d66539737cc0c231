"""Activities: the API, and the histories of executions whose tasks workers take, as AWS records them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stepfunctions_support import CALLER, Lab, refused

from harness.stepfunctions.arns import Caller

ARN = "arn:aws:states:eu-west-1:123456789012:activity:sign"


@pytest.fixture
def activity(lab: Lab) -> str:
    arn: str = lab.call("CreateActivity", name="sign")["activityArn"]
    return arn


def start(lab: Lab, resource: str = ARN, **fields: Any) -> str:
    """Start an execution that waits for a worker."""
    state = {"Type": "Task", "Resource": resource, "End": True, **fields}
    execution = lab.start(lab.create({"StartAt": "T", "States": {"T": state}}), input='{"a":1}')
    lab.simulation.scheduler.run()
    return execution


def take(lab: Lab, **given: Any) -> Any:
    task = lab.call("GetActivityTask", activityArn=ARN, **given)
    lab.simulation.scheduler.run(until=lab.simulation.clock.now())
    return task


def history(lab: Lab, execution: str) -> list[tuple[str, Any]]:
    """The events after the state's entry: type and details."""
    events: Any = lab.call("GetExecutionHistory", executionArn=execution)["events"]
    known = ("timestamp", "type", "id", "previousEventId")
    return [
        (each["type"], next((value for key, value in each.items() if key not in known), None))
        for each in events[2:]
    ]


def test_an_activity_is_made_shown_and_deleted(lab: Lab) -> None:
    made = lab.call("CreateActivity", name="sign", tags=[{"key": "of", "value": "orders"}])
    assert made == {"activityArn": ARN, "creationDate": 1_735_689_600.0}
    assert lab.call("CreateActivity", name="sign") == made
    assert lab.call("DescribeActivity", activityArn=ARN) == {
        **made,
        "name": "sign",
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }
    lab.call("TagResource", resourceArn=ARN, tags=[{"key": "more", "value": ""}])
    lab.call("UntagResource", resourceArn=ARN, tagKeys=["of"])
    assert lab.call("ListTagsForResource", resourceArn=ARN) == {"tags": [{"key": "more", "value": ""}]}
    assert lab.call("DeleteActivity", activityArn=ARN) == {}
    assert lab.call("DeleteActivity", activityArn=ARN) == {}
    for operation in ("DescribeActivity", "GetActivityTask"):
        with refused("ActivityDoesNotExist", f"Activity Does Not Exist: '{ARN}'"):
            lab.call(operation, activityArn=ARN)
    with refused("ResourceNotFound"):
        lab.call("ListTagsForResource", resourceArn=ARN)
    lab.pass_time(1)
    assert lab.call("CreateActivity", name="sign")["creationDate"] == 1_735_689_601.0


def test_activities_are_listed_in_pages_for_their_account(lab: Lab) -> None:
    for name in ("c", "a", "b"):
        lab.call("CreateActivity", name=name)
    lab.call("CreateActivity", Caller("111111111111", "eu-west-1"), name="d")
    first = lab.call("ListActivities", maxResults=2)
    assert [each["name"] for each in first["activities"]] == ["a", "b"]
    rest = lab.call("ListActivities", nextToken=first["nextToken"])
    assert [each["activityArn"] for each in rest["activities"]] == [CALLER.arn("activity", "c")]


@pytest.mark.parametrize("name", ["a b", "a<b", "a/b", "a:b", "a#b", "\0a", "a\x1f", "a\x7f", "a|b", "a`b"])
def test_a_name_that_aws_does_not_take_is_refused(lab: Lab, name: str) -> None:
    with refused("InvalidName", f"Invalid Name: '{name}'"):
        lab.call("CreateActivity", name=name)


def test_what_is_no_arn_of_an_activity_is_refused(lab: Lab) -> None:
    for operation in ("DescribeActivity", "GetActivityTask", "DeleteActivity"):
        with refused("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: no_an_activity_arn'"):
            lab.call(operation, activityArn="no_an_activity_arn")
        with refused("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: statemachine'"):
            lab.call(operation, activityArn=CALLER.arn("stateMachine", "machine"))


def test_the_encryption_of_an_activity_cannot_change(lab: Lab, activity: str) -> None:
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/mine"}
    with refused("ActivityAlreadyExists", activity):
        lab.call("CreateActivity", name="sign", encryptionConfiguration=key)


def test_a_worker_takes_the_task_and_its_answer_is_the_result(lab: Lab, activity: str) -> None:
    execution = start(lab, HeartbeatSeconds=10, TimeoutSeconds=60)
    task = take(lab, workerName="ada")
    assert json.loads(task["input"]) == {"a": 1}
    assert lab.api.task_tokens == {task["taskToken"]: activity}
    assert take(lab) == {}
    lab.call("SendTaskSuccess", taskToken=task["taskToken"], output='{"b": 2}')
    lab.pass_time(0)
    scheduled = {
        "resource": ARN,
        "input": '{"a":1}',
        "inputDetails": {"truncated": False},
        "timeoutInSeconds": 60,
        "heartbeatInSeconds": 10,
    }
    assert history(lab, execution)[:-2] == [
        ("ActivityScheduled", scheduled),
        ("ActivityStarted", {"workerName": "ada"}),
        ("ActivitySucceeded", {"output": '{"b":2}', "outputDetails": {"truncated": False}}),
    ]
    assert lab.status(execution) == "SUCCEEDED"
    with refused("TaskTimedOut"):
        lab.call("SendTaskHeartbeat", taskToken=task["taskToken"])


def test_a_worker_without_a_name_fails_the_task(lab: Lab, activity: str) -> None:
    execution = start(lab)
    lab.call("SendTaskFailure", taskToken=take(lab)["taskToken"], error="Refused", cause="why")
    lab.pass_time(0)
    failure = {"error": "Refused", "cause": "why"}
    assert history(lab, execution)[1:] == [
        ("ActivityStarted", {}),
        ("ActivityFailed", failure),
        ("ExecutionFailed", failure),
    ]


def test_time_limits_count_from_when_a_worker_has_taken_the_task(lab: Lab, activity: str) -> None:
    execution = start(lab, HeartbeatSeconds=10, TimeoutSeconds=60)
    lab.pass_time(3600)
    assert lab.status(execution) == "RUNNING"
    token = take(lab)["taskToken"]
    lab.pass_time(9)
    lab.call("SendTaskHeartbeat", taskToken=token)
    lab.pass_time(9)
    assert lab.status(execution) == "RUNNING"
    lab.pass_time(2)
    timed_out = {"error": "States.Timeout"}
    assert history(lab, execution)[2:] == [("ActivityTimedOut", timed_out), ("ExecutionFailed", timed_out)]


def test_a_task_on_an_activity_that_is_not_there_fails_the_execution(lab: Lab) -> None:
    assert history(lab, start(lab)) == [
        (
            "ExecutionFailed",
            {
                "error": "States.Runtime",
                "cause": "An error occurred while executing the state 'T' (entered at the event id #2). "
                f"The activity {ARN} does not exist.",
            },
        )
    ]


def test_who_waits_is_told_before_and_after_a_worker_comes(lab: Lab, activity: str) -> None:
    execution = start(lab, TimeoutSeconds=60)
    (waiting,) = lab.simulation.tokens.waiting()
    assert (waiting.execution_arn, waiting.state) == (execution, "T")
    assert (waiting.activity_arn, waiting.until) == (activity, None)
    with refused("InvalidToken"):
        lab.call("SendTaskSuccess", taskToken=waiting.token, output="{}")
    take(lab)
    (waiting,) = lab.simulation.tokens.waiting()
    assert (waiting.activity_arn, waiting.until) == ("", 1_735_689_660.0)


def test_the_task_of_an_execution_that_was_stopped_is_not_given_out(lab: Lab, activity: str) -> None:
    lab.call("StopExecution", executionArn=start(lab))
    second = lab.start(lab.create({"StartAt": "T", "States": {"T": TASK}}, "other"), input='{"a":2}')
    lab.pass_time(0)
    assert take(lab)["input"] == '{"a":2}'
    assert lab.status(second) == "RUNNING"


TASK = {"Type": "Task", "Resource": ARN, "End": True}
