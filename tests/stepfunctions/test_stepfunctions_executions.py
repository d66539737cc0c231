"""Executions: names, inputs, idempotency, what is shown of them, histories, task tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stepfunctions_support import ROLE, Lab, refused, wait

DAY_S = 86_400.0


def test_an_execution_is_described_from_start_to_end(lab: Lab) -> None:
    began = lab.simulation.clock.now()
    machine = lab.create(wait(60))
    arn = lab.start(machine, name="run", input='{"n": 1}')
    assert arn == "arn:aws:states:eu-west-1:123456789012:execution:machine:run"
    running = lab.call("DescribeExecution", executionArn=arn)
    assert running == {
        "executionArn": arn,
        "stateMachineArn": machine,
        "name": "run",
        "status": "RUNNING",
        "startDate": began,
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
        "input": '{"n": 1}',
        "inputDetails": {"included": True},
    }
    lab.simulation.scheduler.run()
    ended = lab.call("DescribeExecution", executionArn=arn)
    assert (ended["status"], ended["stopDate"], ended["output"]) == ("SUCCEEDED", began + 60, '{"n":1}')


def test_metadata_alone_and_a_trace_header_are_shown(lab: Lab) -> None:
    machine = lab.create()
    arn = lab.start(machine, input='{"n": 1}', traceHeader="Root=1")
    lab.simulation.scheduler.run()
    shown = lab.call("DescribeExecution", executionArn=arn)
    assert (shown["traceHeader"], shown["input"], shown["output"]) == ("Root=1", '{"n": 1}', '{"n":1}')
    bare = lab.call("DescribeExecution", executionArn=arn, includedData="METADATA_ONLY")
    assert shown.keys() - bare.keys() == {"input", "output", "inputDetails", "outputDetails"}
    described = lab.call("DescribeStateMachine", stateMachineArn=machine, includedData="METADATA_ONLY")
    assert described["definition"] == "{}"
    with refused("ValidationException", "regular expression"):
        lab.start(machine, traceHeader="ä")


def test_a_list_is_of_a_machine_or_of_a_map_run(lab: Lab) -> None:
    machine = lab.create()
    run = machine.replace("stateMachine:machine", "mapRun:machine/label:1")
    with refused("ValidationException", "Must provide a StateMachine ARN or MapRun ARN"):
        lab.call("ListExecutions")
    with refused("ResourceNotFound", "Resource not found"):
        lab.call("ListExecutions", mapRunArn=run)
    for given in ({"mapRunArn": run}, {"redriveFilter": "REDRIVEN"}):
        with refused("ValidationException", "cannot be given with stateMachineArn"):
            lab.call("ListExecutions", stateMachineArn=machine, **given)
    with refused("ValidationException", f"'{machine}/label'"):
        lab.start(f"{machine}/label")


def test_the_executions_of_a_map_run_are_listed_and_described(lab: Lab) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "I",
        "States": {"I": {"Type": "Fail", "Error": "Bad"}},
    }
    state = {"Type": "Map", "ToleratedFailurePercentage": 100, "ItemProcessor": processor, "End": True}
    machine = lab.create({"StartAt": "M", "States": {"M": state}})
    arn = lab.start(machine, input="[1, 2]")
    lab.simulation.scheduler.run()
    (run,) = lab.simulation.map_runs
    listed = lab.call("ListExecutions", mapRunArn=run, statusFilter="FAILED")["executions"]
    assert [each["status"] for each in listed] == ["FAILED", "FAILED"]
    item = listed[-1]["executionArn"]
    assert lab.call("DescribeExecution", executionArn=item)["input"] == "1"
    events = lab.call("GetExecutionHistory", executionArn=item)["events"]
    assert [event["type"] for event in events][-2:] == ["FailStateEntered", "ExecutionFailed"]
    of_item = lab.call("DescribeStateMachineForExecution", executionArn=item)["definition"]
    assert of_item == lab.call("DescribeStateMachineForExecution", executionArn=arn)["definition"]
    of_machine = lab.call("ListExecutions", stateMachineArn=machine)["executions"]
    assert [each["executionArn"] for each in of_machine] == [arn]


def test_a_failure_shows_error_and_cause(lab: Lab) -> None:
    failing = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}
    arn = lab.start(lab.create(failing))
    lab.simulation.scheduler.run()
    shown = lab.call("DescribeExecution", executionArn=arn)
    assert (shown["status"], shown["error"], shown["cause"]) == ("FAILED", "E", "c")
    assert shown["redriveStatus"] == "REDRIVABLE"
    assert "output" not in shown


def test_without_a_name_an_execution_gets_a_new_one_and_an_empty_input(lab: Lab) -> None:
    machine = lab.create()
    one, other = lab.start(machine), lab.start(machine)
    assert one != other
    assert lab.call("DescribeExecution", executionArn=one)["input"] == "{}"


@pytest.mark.parametrize("name", ["a b", "a:b", "a/b"])
def test_names_are_those_of_machines(lab: Lab, name: str) -> None:
    with refused("InvalidName", f"Invalid Name: '{name}'"):
        lab.start(lab.create(), name=name)
    with refused("ValidationException", "at 'name' failed", "less than or equal to 80"):
        lab.start(lab.create(), name="n" * 81)


ODD = "Unexpected character"
VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Invalid execution input."),
        ("not json", f"Unrecognized token 'not': was expecting {VALUES}"),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        (
            '{"a" 1}',
            f"{ODD} ('1' (code 49)): was expecting a colon to separate field name and value",
        ),
        (
            '{"a": 1 2}',
            f"{ODD} ('2' (code 50)): was expecting comma to separate Object entries",
        ),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
        ("[1,]", f"Unexpected character (']' (code 93)): expected a valid value {VALUES}"),
        (
            '{"a": 1,}',
            f"{ODD} ('}}' (code 125)): was expecting double-quote to start field name",
        ),
        ("[01]", "Invalid numeric value: Leading zeroes not allowed"),
        ('["a', "Unexpected end-of-input: was expecting closing quote for a string value"),
        ('"\\q"', "Unrecognized character escape 'q' (code 113)"),
        ("{", "Unexpected end-of-input: expected close marker for Object"),
        ('[{"[": 1}', "Unexpected end-of-input: expected close marker for Array"),
    ],
)
def test_an_input_is_json(lab: Lab, text: str, why: str) -> None:
    with refused("InvalidExecutionInput") as caught:
        lab.start(lab.create(), input=text)
    assert caught.value.message == f"Invalid State Machine Execution Input: '{why}'"


def test_an_input_has_at_most_262_144_bytes_of_utf_8(lab: Lab) -> None:
    machine = lab.create()
    assert lab.start(machine, input=json.dumps("ä" * 131_071, ensure_ascii=False))
    for text in ("ä" * 131_072, "x" * 262_143):
        with refused("ValidationException", "'input'", "less than or equal to 262144"):
            lab.start(machine, input=json.dumps(text, ensure_ascii=False))


def test_the_same_request_finds_the_execution_while_it_runs(lab: Lab) -> None:
    machine = lab.create(wait(60))
    arn = lab.start(machine, name="run", input='{"n": 1}')
    assert lab.start(machine, name="run", input='{"n": 1}') == arn
    with refused("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'"):
        lab.start(machine, name="run", input='{"n":1}')


def test_a_name_is_taken_for_90_days_after_the_end(lab: Lab) -> None:
    machine = lab.create()
    arn = lab.start(machine, name="run")
    lab.simulation.scheduler.run()
    for days in (0, 89.9):
        lab.pass_time(days * DAY_S)
        with refused("ExecutionAlreadyExists"):
            lab.start(machine, name="run")
    lab.pass_time(0.2 * DAY_S)
    assert lab.start(machine, name="run") == arn


def test_an_execution_is_known_however_far_another_one_jumps(lab: Lab) -> None:
    first = lab.start(lab.create(name="first"), name="run")
    lab.start(lab.create(wait(8_000_000), name="second"))
    lab.simulation.scheduler.run()
    assert lab.status(first) == "SUCCEEDED"
    assert lab.call("GetExecutionHistory", executionArn=first)["events"]


def test_an_execution_and_its_name_outlive_the_machine(lab: Lab) -> None:
    machine = lab.create()
    arn = lab.start(machine, name="run")
    lab.simulation.scheduler.run()
    lab.call("DeleteStateMachine", stateMachineArn=machine)
    lab.pass_time(60)
    assert lab.status(arn) == "SUCCEEDED"
    assert lab.call("GetExecutionHistory", executionArn=arn)["events"]
    lab.create(wait(1))
    with refused("ExecutionAlreadyExists"):
        lab.start(machine, name="run")


def test_a_machine_that_is_not_there_starts_nothing(lab: Lab) -> None:
    arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:nothing"
    with refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'"):
        lab.start(arn)


@pytest.mark.parametrize("operation", ["DescribeExecution", "GetExecutionHistory", "StopExecution"])
def test_an_execution_that_is_not_there(lab: Lab, operation: str) -> None:
    arn = "arn:aws:states:eu-west-1:123456789012:execution:machine:never"
    with refused("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'"):
        lab.call(operation, executionArn=arn)
    with refused("InvalidArn"):
        lab.call(operation, executionArn="never")


def test_stopping_ends_a_running_execution_once(lab: Lab) -> None:
    arn = lab.start(lab.create(wait(60)))
    lab.pass_time(10)
    stopped = lab.call("StopExecution", executionArn=arn, error="E", cause="enough")
    lab.pass_time(10)
    assert lab.call("StopExecution", executionArn=arn, error="other") == stopped
    shown = lab.call("DescribeExecution", executionArn=arn)
    assert (shown["status"], shown["error"], shown["cause"]) == ("ABORTED", "E", "enough")
    assert shown["stopDate"] == shown["startDate"] + 10


def test_executions_are_listed_latest_first_and_by_status(lab: Lab) -> None:
    machine = lab.create(wait(60))
    names: list[str] = []
    for name in ("a", "b", "c"):
        lab.start(machine, name=name)
        lab.pass_time(25)
    listed = lab.call("ListExecutions", stateMachineArn=machine)["executions"]
    assert [(e["name"], e["status"]) for e in listed] == [
        ("c", "RUNNING"),
        ("b", "RUNNING"),
        ("a", "SUCCEEDED"),
    ]
    page: dict[str, Any] = {}
    while not names or "nextToken" in page:
        page = lab.call(
            "ListExecutions",
            stateMachineArn=machine,
            statusFilter="RUNNING",
            maxResults=1,
            **({"nextToken": page["nextToken"]} if page else {}),
        )
        names += [e["name"] for e in page["executions"]]
    assert names == ["c", "b"]
    with refused("ValidationException", "'statusFilter'", "enum value set: [SUCCEEDED, TIMED_OUT"):
        lab.call("ListExecutions", stateMachineArn=machine, statusFilter="DONE")
    with refused("ValidationException", "Must provide a StateMachine ARN or MapRun ARN"):
        lab.call("ListExecutions")


def test_a_history_comes_in_pages_forwards_and_backwards(lab: Lab) -> None:
    arn = lab.start(lab.create())
    lab.simulation.scheduler.run()
    first = lab.call("GetExecutionHistory", executionArn=arn, maxResults=3)
    second = lab.call("GetExecutionHistory", executionArn=arn, maxResults=3, nextToken=first["nextToken"])
    assert [e["id"] for e in first["events"] + second["events"]] == [1, 2, 3, 4]
    backwards = lab.call("GetExecutionHistory", executionArn=arn, reverseOrder=True, maxResults=1)
    assert backwards["events"][0]["type"] == "ExecutionSucceeded"


def test_a_history_may_be_asked_for_without_its_data(lab: Lab) -> None:
    arn = lab.start(lab.create(), input='{"n": 1}')
    lab.simulation.scheduler.run()
    started, entered, *_ = lab.call("GetExecutionHistory", executionArn=arn)["events"]
    assert started["executionStartedEventDetails"] == {
        "input": '{"n": 1}',
        "inputDetails": {"truncated": False},
        "roleArn": ROLE,
    }
    assert entered["timestamp"] == lab.simulation.clock.now()
    bare = lab.call("GetExecutionHistory", executionArn=arn, includeExecutionData=False)["events"]
    assert bare[0]["executionStartedEventDetails"] == {"roleArn": ROLE}
    assert bare[1]["stateEnteredEventDetails"] == {"name": "A"}


def callback() -> dict[str, Any]:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
        "HeartbeatSeconds": 60,
        "End": True,
    }
    return {"StartAt": "T", "States": {"T": task}}


def token_of(lab: Lab) -> str:
    token: str = lab.port.requests[-1].parameters["MessageBody"]
    return token


def test_a_task_token_ends_its_task(lab: Lab) -> None:
    machine = lab.create(callback())
    good, bad = lab.start(machine, name="good"), lab.start(machine, name="bad")
    lab.pass_time(1)
    tokens = [r.parameters["MessageBody"] for r in lab.port.requests]
    lab.call("SendTaskSuccess", taskToken=tokens[0], output='{"n": 1}')
    lab.call("SendTaskFailure", taskToken=tokens[1], error="E", cause="c")
    lab.pass_time(1)
    assert lab.call("DescribeExecution", executionArn=good)["output"] == '{"n":1}'
    assert lab.call("DescribeExecution", executionArn=bad)["error"] == "E"
    with refused("TaskTimedOut", "Provided task does not exist anymore"):
        lab.call("SendTaskSuccess", taskToken=tokens[0], output="{}")


def test_heartbeats_keep_a_task_alive(lab: Lab) -> None:
    arn = lab.start(lab.create(callback()))
    for _ in range(3):
        lab.pass_time(50)
        lab.call("SendTaskHeartbeat", taskToken=token_of(lab))
    assert lab.status(arn) == "RUNNING"
    lab.pass_time(61)
    assert lab.call("DescribeExecution", executionArn=arn)["error"] == "States.Timeout"
    with refused("TaskTimedOut"):
        lab.call("SendTaskHeartbeat", taskToken=token_of(lab))


def test_a_token_of_a_task_that_is_over_is_refused_before_its_output(lab: Lab) -> None:
    lab.start(lab.create(callback()))
    lab.pass_time(61)
    for operation, given in (
        ("SendTaskSuccess", {"output": "not json"}),
        ("SendTaskFailure", {}),
        ("SendTaskHeartbeat", {}),
    ):
        with refused("TaskTimedOut", "Provided task does not exist anymore"):
            lab.call(operation, taskToken=token_of(lab), **given)


def test_tokens_and_outputs_are_checked(lab: Lab) -> None:
    lab.start(lab.create(callback()))
    lab.pass_time(1)
    with refused("InvalidToken", "Invalid Token: 'Invalid token'"):
        lab.call("SendTaskSuccess", taskToken="made-up", output="{}")
    with refused("InvalidToken", "Invalid Token: 'Invalid token'"):  # which is checked first
        lab.call("SendTaskSuccess", taskToken="made-up", output="not json")
    with refused("InvalidOutput", "Invalid Output: 'Unrecognized token 'done': was expecting (JSON String"):
        lab.call("SendTaskSuccess", taskToken=token_of(lab), output="done")
    with refused("InvalidOutput"):
        lab.call(
            "SendTaskSuccess", taskToken=token_of(lab), output=json.dumps("ä" * 131_072, ensure_ascii=False)
        )


def test_a_history_of_25_000_events_is_the_end(lab: Lab) -> None:
    choices = [{"Variable": "$.done", "IsPresent": True, "Next": "Done"}]
    states = {
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Choice"},
        "Choice": {"Type": "Choice", "Choices": choices, "Default": "Wait"},
        "Done": {"Type": "Pass", "End": True},
    }
    arn = lab.start(lab.create({"StartAt": "Wait", "States": states}))
    lab.simulation.scheduler.run()
    assert lab.status(arn) == "FAILED"
    last = lab.call("GetExecutionHistory", executionArn=arn, reverseOrder=True, maxResults=1)["events"][0]
    assert (last["id"], last["type"]) == (25_000, "ExecutionFailed")
