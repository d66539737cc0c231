"""The embedded engine's virtual time: functions see it, waiting costs nothing, a reset ends everything."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract import Lab, function, output_of, role

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.execute import Start, run
from harness.observe.executions import read
from harness.stepfunctions.task_time import ClockMode

APP = """
import time

import boto3


def clock(event, context):
    before = time.time()
    time.sleep(event["seconds"])
    return [before, time.time(), context.get_remaining_time_in_millis()]


def start(event, context):
    if event["slow"]:
        deadline = time.process_time() + 0.3
        while time.process_time() < deadline:
            pass
    boto3.client("stepfunctions").start_execution(stateMachineArn=event["machine"], name=event["name"])


def spin(event, context):
    while True:
        pass
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    engine = MotoEngine()
    try:
        yield Lab(engine, Clients(engine.start()), tmp_path_factory.mktemp("lab"))
    finally:
        engine.stop()


@pytest.fixture
def arns(lab: Lab) -> dict[str, str]:
    """Functions by logical ID, in a new engine whose time does not pass on its own."""
    lab.engine.reset()
    lab.engine.set_clock_mode(ClockMode.STEPPED)
    resources = {
        "Role": role(),
        "Clock": function("app.clock", Timeout=900),
        "Start": function("app.start", Timeout=60),
        "Spin": function("app.spin", Timeout=900),
    }
    outputs = {name: {"Value": {"Fn::GetAtt": [name, "Arn"]}} for name in resources}
    return dict(lab.deploy({"Resources": resources, "Outputs": outputs}, {"src/app.py": APP}).outputs)


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **fields}


def test_a_function_sleeps_on_the_clock(lab: Lab, arns: dict[str, str]) -> None:
    begin = time.monotonic()
    execution = lab.play({"Clock": task(arns["Clock"])}, {"seconds": 600})
    assert time.monotonic() - begin < 60
    before, after, remaining_ms = output_of(execution)
    assert before == execution.started_at.timestamp()
    assert (after - before, remaining_ms) == (600, 300_000)
    assert execution.stopped_at is not None
    assert (execution.stopped_at - execution.started_at).total_seconds() == 600
    (invocation,) = lab.engine.invocations()
    assert (invocation.started_at, invocation.duration_s) == (before, 600)


def test_a_sleep_beyond_the_time_out_ends_there(lab: Lab, arns: dict[str, str]) -> None:
    execution = lab.play({"Clock": task(arns["Clock"])}, {"seconds": 1000})
    assert execution.error == "Sandbox.Timedout"
    assert execution.stopped_at is not None
    assert (execution.stopped_at - execution.started_at).total_seconds() == 900


def test_many_functions_may_sleep_at_once(lab: Lab, arns: dict[str, str]) -> None:
    branches = [{"StartAt": f"C{n}", "States": {f"C{n}": task(arns["Clock"])}} for n in range(40)]
    execution = lab.play({"P": {"Type": "Parallel", "Branches": branches, "End": True}}, {"seconds": 60})
    assert len(output_of(execution)) == 40
    assert execution.stopped_at is not None
    assert (execution.stopped_at - execution.started_at).total_seconds() == 60


@pytest.mark.parametrize("slow", ["first", "second"])
def test_what_functions_ask_of_step_functions_is_in_the_order_of_their_tasks(
    lab: Lab, arns: dict[str, str], slow: str
) -> None:
    child = lab.machine({"Only": {"Type": "Pass", "End": True}})
    branches = [
        {
            "StartAt": name,
            "States": {
                name: task(arns["Start"], Parameters={"machine": child, "name": name, "slow": name == slow})
            },
        }
        for name in ("first", "second")
    ]
    execution = lab.play({"P": {"Type": "Parallel", "Branches": branches, "End": True}})
    assert execution.status == "SUCCEEDED"
    listed = lab.clients.stepfunctions.list_executions(stateMachineArn=child)["executions"]
    assert [e["name"] for e in listed] == ["second", "first"]
    assert {(e["startDate"] - execution.started_at).total_seconds() for e in listed} == {0.1}


def test_starts_are_at_their_times_on_the_clock(lab: Lab, arns: dict[str, str]) -> None:
    machine = lab.machine({"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}})
    starts = [Start(n, machine, {}, 60, at_s) for n, at_s in (("one", 0), ("two", 10), ("three", None))]
    started = run(lab.engine, lab.clients, starts)
    seen = [read(lab.clients.stepfunctions, s.execution_arn).started_at for s in started]
    assert [(moment - seen[0]).total_seconds() for moment in seen] == [0, 10, 3610]


def test_the_clock_is_back_at_its_start_after_a_reset(lab: Lab, arns: dict[str, str]) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}
    begins = []
    for _ in range(2):
        lab.engine.set_clock_mode(ClockMode.STEPPED)
        begins.append(lab.play(states).started_at)
    assert begins[0] == begins[1]


def test_a_reset_ends_functions_in_mid_run(lab: Lab, arns: dict[str, str]) -> None:
    branches = [{"StartAt": f"S{n}", "States": {f"S{n}": task(arns["Spin"])}} for n in range(12)]
    machine = lab.machine({"P": {"Type": "Parallel", "Branches": branches, "End": True}})
    arn = lab.clients.stepfunctions.start_execution(stateMachineArn=machine, name="run")["executionArn"]
    assert lab.engine.wait_for_execution(arn, 0.5) is False
    begin = time.monotonic()
    lab.engine.reset()
    assert time.monotonic() - begin < 30
    with pytest.raises(lab.clients.stepfunctions.exceptions.ExecutionDoesNotExist):
        lab.clients.stepfunctions.describe_execution(executionArn=arn)


def test_a_stop_ends_functions_in_mid_run(tmp_path: Path) -> None:
    engine = MotoEngine()
    lab = Lab(engine, Clients(engine.start()), tmp_path)
    resources = {"Role": role(), "Spin": function("app.spin", Timeout=900)}
    outputs = {"Spin": {"Value": {"Fn::GetAtt": ["Spin", "Arn"]}}}
    arn = lab.deploy({"Resources": resources, "Outputs": outputs}, {"src/app.py": APP}).outputs["Spin"]
    machine = lab.machine({"Spin": task(arn)})
    lab.clients.stepfunctions.start_execution(stateMachineArn=machine, name="run", input=json.dumps({}))
    begin = time.monotonic()
    engine.stop()
    assert time.monotonic() - begin < 30


def test_tasks_call_services_of_the_engine(lab: Lab, arns: dict[str, str]) -> None:
    clients = lab.clients
    clients.s3.create_bucket(Bucket="photos")
    queue = clients.sqs.create_queue(QueueName="queue")["QueueUrl"]
    clients.dynamodb.create_table(
        TableName="table",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    integration = "arn:aws:states:::"
    item = {"TableName": "table", "Item": {"id": {"S.$": "$.id"}}}
    key = {"TableName": "table", "Key": {"id": {"S.$": "$.id"}}}
    put = {"Bucket": "photos", "Key": "cat.json", "Body": {"n": 1}}
    kept = {"ResultPath": None, "End": False}
    states: dict[str, Any] = {
        "Put": task(f"{integration}dynamodb:putItem", Parameters=item, Next="Send", **kept),
        "Send": task(
            f"{integration}sqs:sendMessage",
            Parameters={"QueueUrl": queue, "MessageBody.$": "$"},
            Next="Object",
            **kept,
        ),
        "Object": task(f"{integration}aws-sdk:s3:putObject", Parameters=put, Next="Get", **kept),
        "Get": task(
            f"{integration}dynamodb:getItem", Parameters=key, ResultSelector={"item.$": "$.Item"}, End=True
        ),
    }
    for state in states.values():
        if not state["End"]:
            del state["End"]
    assert output_of(lab.play(states, {"id": "a"})) == {"item": {"id": {"S": "a"}}}
    (message,) = clients.sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"]) == {"id": "a"}
    assert clients.s3.get_object(Bucket="photos", Key="cat.json")["Body"].read() == b'{"n":1}'
