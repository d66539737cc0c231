"""Environments, throttling and hangs on the embedded engine depend only on the clock, not on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab, function, output_of, role
from test_moto_functions import make

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.execute import Start, run

START = (
    "import sys; sys.path.insert(0, {root!r}); import harness.functions.host.schedule as schedule; "
    "schedule.default_limit = lambda: {limit}; from harness.engine.moto.server import main; "
    "main('123456789012', 'us-east-1')"
)
ROOT = str(Path(__file__).parents[2])


def engine_with(limit: int) -> MotoEngine:
    """An engine that runs N processes at once."""
    return MotoEngine([sys.executable, "-c", START.format(root=ROOT, limit=limit)])


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def lab(engine: MotoEngine, tmp_path: Path) -> Lab:
    return Lab(engine, Clients(engine.reset()), tmp_path)


def each(arn: str, state: str = "T", **fields: Any) -> dict[str, Any]:
    """A Map over the items that calls a function with each item, in a state with that name."""
    task = {"Type": "Task", "Resource": arn, "End": True, **fields}
    processor = {"StartAt": state, "States": {state: task}}
    return {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor}


WARM = """
import time
COUNT = 0
def handler(event, context):
    global COUNT
    COUNT += 1
    if event % 3 == 0:
        time.sleep(event)
    return [event, COUNT, context.log_stream_name]
"""
COLD = """
import boto3
BUCKETS = boto3.client("s3").list_buckets()["Buckets"]
def handler(event, context):
    return context.log_stream_name
"""


def history(lab: Lab, states: dict[str, Any], items: list[int]) -> list[Any]:
    start = Start("run-1", lab.machine(states), {"items": items}, timeout_s=600)
    (started,) = run(lab.engine, lab.clients, [start])
    assert started.ended
    events = lab.clients.stepfunctions.get_execution_history(
        executionArn=started.execution_arn, maxResults=1000
    )
    return [{k: v for k, v in event.items() if k != "ResponseMetadata"} for event in events["events"]]


@pytest.mark.parametrize(
    ("limits", "count"), [((1, 8), 8), pytest.param((1, 2, 4, 8), 40, marks=pytest.mark.thorough)]
)
def test_how_many_processes_work_at_once_changes_nothing_but_real_time(
    tmp_path: Path, limits: tuple[int, ...], count: int
) -> None:
    seen = []
    for limit in limits:
        engine = engine_with(limit)
        engine.start()
        try:
            lab = Lab(engine, Clients(engine.reset()), tmp_path)
            warm, cold = make(lab, WARM, "warm", Timeout=60), make(lab, COLD, "cold")
            states = {
                "First": {**each(warm, "A"), "ResultPath": None, "Next": "Again"},
                "Again": {**each(warm, "B"), "ResultPath": None, "Next": "Cold"},
                "Cold": {**each(cold, "C"), "End": True},
            }
            events = history(lab, states, list(range(count)))
            calls = [
                [call.operation for call in invocation.calls]
                for invocation in engine.invocations()
                if invocation.function == "cold"
            ]
            assert calls == [["ListBuckets"]] * count
            assert len(set(json.loads(events[-1]["executionSucceededEventDetails"]["output"]))) == count
            seen.append(events)
        finally:
            engine.stop()
    assert all(events == seen[0] for events in seen)


def test_an_update_of_the_code_retires_environments(lab: Lab) -> None:
    arn = make(lab, WARM, "warm")
    task = {"T": {"Type": "Task", "Resource": arn, "InputPath": "$.n", "End": True}}
    assert output_of(lab.play(task, {"n": 1}))[1] == 1
    assert output_of(lab.play(task, {"n": 1}))[1] == 2
    lab.clients.lambda_.update_function_configuration(FunctionName="warm", Timeout=9)
    assert output_of(lab.play(task, {"n": 1}))[1] == 1


SLOW = "import time\ndef handler(event, context):\n    time.sleep(5)\n    return event\n"


def test_more_at_once_than_is_reserved_is_refused(lab: Lab) -> None:
    arn = make(lab, SLOW, "slow", Timeout=30)
    lab.clients.lambda_.put_function_concurrency(FunctionName="slow", ReservedConcurrentExecutions=1)
    execution = lab.play({"M": {**each(arn), "End": True}}, {"items": [1, 2, 3]})
    assert (execution.status, execution.error) == ("FAILED", "Lambda.TooManyRequestsException")
    assert str(execution.cause).startswith(
        "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; "
    )


def test_with_retry_it_succeeds_after_more_than_ten_seconds(lab: Lab) -> None:
    arn = make(lab, SLOW, "slow", Timeout=30)
    lab.clients.lambda_.put_function_concurrency(FunctionName="slow", ReservedConcurrentExecutions=1)
    retry = [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "MaxAttempts": 9}]
    events = history(lab, {"M": {**each(arn, Retry=retry), "End": True}}, [1, 2, 3])
    assert events[-1]["type"] == "ExecutionSucceeded"
    assert (events[-1]["timestamp"] - events[0]["timestamp"]).total_seconds() > 10


@pytest.mark.parametrize("reserved", [0, 1])
def test_cloudformation_reserves_concurrency(lab: Lab, reserved: int) -> None:
    resources = {
        "Role": role(),
        "Fn": function("app.handler", Timeout=30, ReservedConcurrentExecutions=reserved),
    }
    lab.deploy({"Resources": resources}, {"src/app.py": SLOW})
    name = lab.clients.lambda_.list_functions()["Functions"][0]["FunctionName"]
    arn = lab.clients.lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    execution = lab.play({"M": {**each(arn), "End": True}}, {"items": [1, 2][: reserved + 1]})
    assert execution.error == "Lambda.TooManyRequestsException"
    if reserved:
        assert lab.engine.settle(30)  # the other item's function has ended
        assert lab.play({"M": {**each(arn), "End": True}}, {"items": [1]}).status == "SUCCEEDED"


def test_invoke_is_refused_with_its_reason(lab: Lab) -> None:
    make(lab, SLOW, "slow")
    lab.clients.lambda_.put_function_concurrency(FunctionName="slow", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as refused:
        lab.clients.lambda_.invoke(FunctionName="slow")
    error = refused.value.response
    assert error["Error"]["Code"] == "TooManyRequestsException"
    assert error["Error"]["Message"] == "Rate Exceeded."
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert error["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"  # type: ignore[typeddict-item]
    lab.clients.lambda_.delete_function_concurrency(FunctionName="slow")
    assert lab.clients.lambda_.invoke(FunctionName="slow")["StatusCode"] == 200


def test_a_thread_that_would_publish_after_the_answer_never_does(lab: Lab) -> None:
    source = """
import boto3, os, threading, time
def handler(event, context):
    def publish():
        time.sleep(5)
        boto3.client("sqs").send_message(QueueUrl=event["queue"], MessageBody="late")
    threading.Thread(target=publish).start()
    return 1
"""
    url = lab.clients.sqs.create_queue(QueueName="late")["QueueUrl"]
    arn = make(lab, source, "late", Timeout=30)
    states = {
        "T": {"Type": "Task", "Resource": arn, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 60, "End": True},
    }
    assert lab.play(states, {"queue": url}).status == "SUCCEEDED"
    counted = lab.clients.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert counted["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_a_hang_ends_the_execution_and_is_kept_as_the_reason(lab: Lab, engine: MotoEngine) -> None:
    engine.set_hang(1)
    arn = make(lab, "def handler(event, context):\n    while True: pass\n", "endless")
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 99}]
    task = {"T": {"Type": "Task", "Resource": arn, "Retry": retry, "End": True}}
    assert lab.play(task).error == "States.Runtime"
    (stopped,) = engine.bugs()
    assert (stopped.stopped, stopped.is_of_harness) == (True, False)
    assert stopped.text.startswith("the function endless (state T) hangs: it has used 1 s of processor time")
    engine.reset()
    assert engine.bugs() == ()
