"""Express machines: their executions, and what of the API is not for them, as AWS records it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from stepfunctions_support import CALLER, PASS, ROLE, Lab, refused, wait
from tasks_support import Bench, task

from harness.json_types import JsonObject
from harness.states import Execution

FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "SomeFailure", "Cause": "why"}}}
TASK = "arn:aws:states:::states:startExecution"


def sync(lab: Lab, machine: str, **given: Any) -> JsonObject:
    """The answer of StartSyncExecution."""
    asked = {"stateMachineArn": machine, **given}
    with lab.simulation.scheduler.frozen():
        execution = lab.api.start_sync(CALLER, asked)
    lab.simulation.scheduler.run()
    return lab.api.sync_answer(execution, asked)


def known(lab: Lab, arn: str) -> Execution:
    return lab.api.executions.known(CALLER, arn)


def test_a_machine_has_its_type(lab: Lab) -> None:
    arn = lab.create(type="EXPRESS")
    assert lab.create(type="EXPRESS") == arn
    shown = lab.call("DescribeStateMachine", stateMachineArn=arn)
    assert (shown["type"], shown["loggingConfiguration"]["level"]) == ("EXPRESS", "OFF")
    assert [each["type"] for each in lab.call("ListStateMachines")["stateMachines"]] == ["EXPRESS"]
    with refused("StateMachineAlreadyExists"):
        lab.create()


def test_an_update_cannot_let_it_wait_for_a_token(lab: Lab) -> None:
    arn = lab.create(type="EXPRESS")
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish.waitForTaskToken",
        "Parameters": {"TopicArn": "t", "Message.$": "$$.Task.Token"},
        "End": True,
    }
    with refused("InvalidDefinition", "Express state machine does not support '.waitForTaskToken'"):
        lab.call(
            "UpdateStateMachine",
            stateMachineArn=arn,
            definition=json.dumps({"StartAt": "A", "States": {"A": ask}}),
        )


def test_each_start_of_a_name_is_an_execution_of_its_own(lab: Lab) -> None:
    machine = lab.create(type="EXPRESS")
    first, second = (lab.start(machine, name="one", input='{"a": 1}') for _ in range(2))
    pattern = r"arn:aws:states:eu-west-1:123456789012:express:machine:one:[0-9a-f-]{36}"
    assert re.fullmatch(pattern, first)
    assert re.fullmatch(pattern, second)
    assert first != second
    lab.simulation.scheduler.run()
    assert [known(lab, arn).status.value for arn in (first, second)] == ["SUCCEEDED"] * 2


def test_the_api_does_not_show_its_executions(lab: Lab) -> None:
    machine = lab.create(type="EXPRESS")
    execution = lab.start(machine)
    with refused("StateMachineTypeNotSupported", "not supported by this type of state machine"):
        lab.call("ListExecutions", stateMachineArn=machine)
    for operation in (
        "DescribeExecution",
        "StopExecution",
        "GetExecutionHistory",
        "DescribeStateMachineForExecution",
    ):
        with refused("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'"):
            lab.call(operation, executionArn=execution)


def test_a_synchronous_execution_is_answered_at_its_end(lab: Lab) -> None:
    machine = lab.create(wait(2), type="EXPRESS")
    answer = sync(lab, machine, name="one", input='{"a": 1}', traceHeader="Root=1")
    arn = answer.pop("executionArn")
    assert str(arn).startswith("arn:aws:states:eu-west-1:123456789012:express:machine:one:")
    assert answer == {
        "stateMachineArn": machine,
        "name": "one",
        "startDate": 1_735_689_600.0,
        "stopDate": 1_735_689_602.0,
        "status": "SUCCEEDED",
        "input": '{"a": 1}',
        "inputDetails": {"included": True},
        "output": '{"a":1}',
        "outputDetails": {"included": True},
        "traceHeader": "Root=1",
        "billingDetails": {"billedDurationInMilliseconds": 2000, "billedMemoryUsedInMB": 64},
    }


def test_a_synchronous_execution_that_fails_is_an_answer(lab: Lab) -> None:
    answer = sync(lab, lab.create(FAIL, type="EXPRESS"), includedData="METADATA_ONLY")
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "SomeFailure", "why")
    assert answer["billingDetails"] == {"billedDurationInMilliseconds": 100, "billedMemoryUsedInMB": 64}
    assert not {"input", "inputDetails", "output", "outputDetails"} & answer.keys()


def test_a_standard_machine_has_no_synchronous_executions(lab: Lab) -> None:
    with refused("StateMachineTypeNotSupported", "not supported by this type of state machine"):
        sync(lab, lab.create())


@pytest.mark.parametrize(("given", "code"), [("{", "InvalidExecutionInput"), ("x" * 262_145, "Validation")])
def test_the_input_is_checked(lab: Lab, given: str, code: str) -> None:
    machine = lab.create(type="EXPRESS")
    for start in (sync, lambda lab, machine, **given: lab.start(machine, **given)):
        with refused(code if code != "Validation" else "ValidationException"):
            start(lab, machine, input=given)


def test_an_execution_ends_after_five_minutes(lab: Lab) -> None:
    answer = sync(lab, lab.create(wait(301), type="EXPRESS"))
    assert (answer["status"], answer["stopDate"]) == ("TIMED_OUT", 1_735_689_900.0)
    (execution,) = lab.simulation.executions
    assert execution.history.events[-1].details == {"error": "States.Timeout"}


def test_its_own_time_limit_counts_when_it_is_shorter(lab: Lab) -> None:
    answer = sync(lab, lab.create({**wait(301), "TimeoutSeconds": 10}, type="EXPRESS"))
    assert answer["stopDate"] == 1_735_689_610.0
    answer = sync(lab, lab.create({**wait(301), "TimeoutSeconds": 900}, "other", type="EXPRESS"))
    assert answer["billingDetails"] == {"billedDurationInMilliseconds": 300_000, "billedMemoryUsedInMB": 64}


def test_a_history_may_be_longer_than_that_of_a_standard_execution(lab: Lab) -> None:
    lab.simulation.limits = type(lab.simulation.limits)(history_events=5)
    assert sync(lab, lab.create(type="EXPRESS"))["status"] == "SUCCEEDED"
    states = {name: {"Type": "Pass", "Next": chr(ord(name) + 1)} for name in "ABC"}
    long = {"StartAt": "A", "States": {**states, "D": {"Type": "Pass", "End": True}}}
    assert sync(lab, lab.create(long, "long", type="EXPRESS"))["status"] == "SUCCEEDED"


def test_a_task_starts_one_and_goes_on(bench: Bench) -> None:
    given = {"name": "child", "definition": json.dumps(PASS), "roleArn": ROLE, "type": "EXPRESS"}
    child = bench.api.call("CreateStateMachine", CALLER, given)["stateMachineArn"]
    shown = bench.play(task(TASK, Parameters={"StateMachineArn": child, "Input": {"a": 1}}))
    arn = json.loads(shown["output"])["ExecutionArn"]
    assert ":express:child:" in arn
    assert bench.api.executions.known(CALLER, arn).output.text == '{"a":1}'  # type: ignore[union-attr]


def test_a_task_cannot_wait_for_the_end_of_one(bench: Bench) -> None:
    given = {"name": "child", "definition": json.dumps(PASS), "roleArn": ROLE, "type": "EXPRESS"}
    child = bench.api.call("CreateStateMachine", CALLER, given)["stateMachineArn"]
    shown = bench.play(task(f"{TASK}.sync:2", Parameters={"StateMachineArn": child}))
    assert shown["error"] == "StepFunctions.StateMachineTypeNotSupportedException"
