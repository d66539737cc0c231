"""Express machines and activities on the embedded engine: calls from any client take time on the clock."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from contract import Lab, function, output_of, role

from harness.engine.moto.engine import MotoEngine
from harness.execute import Start, run
from harness.observe.executions import runs
from harness.stack.model import Stack
from harness.stepfunctions.task_time import ClockMode

KIND = "AWS::StepFunctions::StateMachine"
TASK = "arn:aws:states:::"
CALLER = """
import boto3, json, os
def handler(event, context):
    answer = boto3.client("stepfunctions").start_sync_execution(
        stateMachineArn=os.environ["FAST"], input=json.dumps(event))
    seconds = (answer["stopDate"] - answer["startDate"]).total_seconds()
    return {"status": answer["status"], "output": json.loads(answer["output"]), "seconds": seconds}
"""


def machine(states: dict[str, Any], **properties: Any) -> dict[str, Any]:
    definition = {"StartAt": next(iter(states)), "States": states}
    given = {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "Definition": definition}
    return {"Type": KIND, "Properties": {**given, **properties}}


SIGNS = machine(
    {"Sign": {"Type": "Task", "Resource": "${Sign}", "TimeoutSeconds": 900, "End": True}},
    DefinitionSubstitutions={"Sign": {"Ref": "Sign"}},
)


@pytest.fixture(scope="module")
def stack(lab: Lab) -> Stack:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("of the embedded engine")
    lab.engine.set_clock_mode(ClockMode.STEPPED)
    fast = {"Wait": {"Type": "Wait", "Seconds": 20, "Next": "Done"}, "Done": {"Type": "Pass", "End": True}}
    logging = {
        "Level": "ALL",
        "IncludeExecutionData": True,
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}],
    }
    nested = {
        "Sync": {
            "Type": "Task",
            "Resource": f"{TASK}aws-sdk:sfn:startSyncExecution",
            "Parameters": {"StateMachineArn": "${Fast}", "Input": {"a": 1}},
            "ResultPath": "$.sync",
            "Next": "Async",
        },
        "Async": {
            "Type": "Task",
            "Resource": f"{TASK}states:startExecution",
            "Parameters": {"StateMachineArn": "${Fast}", "Input": {"b": 1}},
            "ResultPath": "$.async",
            "End": True,
        },
    }
    worker = {
        "Poll": {
            "Type": "Task",
            "Resource": f"{TASK}aws-sdk:sfn:getActivityTask",
            "Parameters": {"ActivityArn": "${Sign}", "WorkerName": "ada"},
            "Next": "Answer",
        },
        "Answer": {
            "Type": "Task",
            "Resource": f"{TASK}aws-sdk:sfn:sendTaskSuccess",
            "Parameters": {"TaskToken.$": "$.TaskToken", "Output.$": "$.Input"},
            "End": True,
        },
    }
    resources = {
        "Role": role(),
        "Logs": {"Type": "AWS::Logs::LogGroup"},
        "Fast": machine(fast, StateMachineType="EXPRESS", LoggingConfiguration=logging),
        "Nested": machine(nested, DefinitionSubstitutions={"Fast": {"Ref": "Fast"}}),
        "Sign": {"Type": "AWS::StepFunctions::Activity", "Properties": {"Name": "sign"}},
        "Signs": SIGNS,
        "Worker": machine(worker, DefinitionSubstitutions={"Sign": {"Ref": "Sign"}}),
        "Caller": function("app.handler", Timeout=60, Environment={"Variables": {"FAST": {"Ref": "Fast"}}}),
    }
    return lab.deploy({"Resources": resources}, {"src/app.py": CALLER})


def test_the_template_makes_them(stack: Stack) -> None:
    assert stack.notes == ()
    assert stack.resources["Sign"].physical_id.endswith(":activity:sign")


def test_a_client_that_knows_nothing_but_the_variables_gets_the_answer(
    lab: Lab, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in lab.clients.endpoint.env.items():
        monkeypatch.setenv(name, value)
    states = boto3.session.Session().client("stepfunctions")
    answer = states.start_sync_execution(
        stateMachineArn=stack.state_machine("Fast"), name="n", input='{"v":1}'
    )
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"v":1}')
    assert (answer["stopDate"] - answer["startDate"]).total_seconds() == 20
    logged = lab.clients.logs.filter_log_events(logGroupName=stack.resources["Logs"].physical_id)["events"]
    lines = [json.loads(event["message"]) for event in logged]
    mine = [line for line in lines if line["execution_arn"] == answer["executionArn"]]
    assert [line["type"] for line in mine] == [
        "ExecutionStarted",
        "WaitStateEntered",
        "WaitStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert mine[-1] == {
        "id": "6",
        "type": "ExecutionSucceeded",
        "details": {"output": '{"v":1}', "outputDetails": {"truncated": False}},
        "previous_event_id": "5",
        "event_timestamp": str(logged[lines.index(mine[-1])]["timestamp"]),
        "execution_arn": answer["executionArn"],
        "redrive_count": "0",
    }


def test_a_run_is_seen_as_one_of_a_standard_machine(lab: Lab, stack: Stack) -> None:
    start = Start("run-1", stack.state_machine("Fast"), {"x": 1}, timeout_s=30)
    (seen,) = runs(lab.engine, lab.clients, run(lab.engine, lab.clients, [start, start])[:1])
    execution = seen.execution
    assert (execution.status, execution.path) == ("SUCCEEDED", ("Wait", "Done"))
    assert output_of(execution) == {"x": 1}
    assert execution.stopped_at is not None
    assert (execution.stopped_at - execution.started_at).total_seconds() == 20


def test_tasks_start_them_and_their_executions_are_seen(lab: Lab, stack: Stack) -> None:
    start = Start("run-1", stack.state_machine("Nested"), {}, timeout_s=30)
    (seen,) = runs(lab.engine, lab.clients, run(lab.engine, lab.clients, [start]))
    output = output_of(seen.execution)
    assert (output["sync"]["Status"], output["sync"]["Output"]) == ("SUCCEEDED", '{"a":1}')
    assert output["sync"]["BillingDetails"]["BilledDurationInMilliseconds"] == 20_000
    assert [child.input for child in seen.children] == ['{"a":1}', '{"b":1}']
    assert ":express:" in output["async"]["ExecutionArn"]


def test_a_function_waits_for_one_on_the_clock(lab: Lab, stack: Stack) -> None:
    answer = lab.clients.lambda_.invoke(
        FunctionName=stack.resources["Caller"].physical_id, Payload=b'{"y": 2}'
    )
    told = json.loads(answer["Payload"].read())
    assert told == {"status": "SUCCEEDED", "output": {"y": 2}, "seconds": 20.0}


def test_a_machine_may_be_the_worker_of_an_activity(lab: Lab, stack: Stack) -> None:
    starts = [
        Start("worker", stack.state_machine("Worker"), {}, timeout_s=30),
        Start("signs", stack.state_machine("Signs"), {"z": 3}, timeout_s=30, at_s=40),
    ]
    worker, signs = runs(lab.engine, lab.clients, run(lab.engine, lab.clients, starts))
    assert output_of(signs.execution) == {"z": 3}
    assert [event.type for event in signs.execution.events][2:5] == [
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
    ]
    assert worker.execution.status == "SUCCEEDED"


def test_a_worker_has_waited_a_minute_on_a_clock_that_nobody_else_holds(lab: Lab, stack: Stack) -> None:
    polled = lab.clients.stepfunctions.get_activity_task(activityArn=stack.resources["Sign"].physical_id)
    assert "taskToken" not in polled


def test_a_worker_outside_waits_for_the_task(lab: Lab, stack: Stack) -> None:
    # On a stepped clock, the minute would be over before the execution starts.
    lab.engine.set_clock_mode(ClockMode.VIRTUAL)
    sign = {"Type": "AWS::StepFunctions::Activity", "Properties": {"Name": "outside"}}
    anew = lab.deploy({"Resources": {"Role": role(), "Sign": sign, "Signs": SIGNS}}, {})
    states = lab.clients.stepfunctions
    activity = anew.resources["Sign"].physical_id
    with ThreadPoolExecutor(1) as pool:
        polled = pool.submit(states.get_activity_task, activityArn=activity, workerName="bob")
        started = states.start_execution(
            stateMachineArn=anew.state_machine("Signs"), name="outside", input='{"w": 4}'
        )
        task = polled.result(30)
    assert json.loads(task["input"]) == {"w": 4}
    states.send_task_failure(taskToken=task["taskToken"], error="Refused", cause="")
    assert lab.engine.wait_for_execution(started["executionArn"], 30)
    assert states.describe_execution(executionArn=started["executionArn"])["error"] == "Refused"
