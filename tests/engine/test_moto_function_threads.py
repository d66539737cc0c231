"""Functions with threads, and functions that invoke others, on the embedded engine's clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from contract import Lab, function, output_of, role

from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.stepfunctions.task_time import ClockMode

APP = """
import json, threading, time
from concurrent.futures import ThreadPoolExecutor, TimeoutError

import boto3
from botocore.config import Config

aws_lambda = boto3.client("lambda")
s3 = boto3.client("s3", region_name="us-east-1")
sqs = boto3.client("sqs")


def call(name, seconds, client=aws_lambda):
    answer = client.invoke(FunctionName=name, Payload=json.dumps({"seconds": seconds}))
    return json.loads(answer["Payload"].read())


def nap(event, context):
    begun = time.time()
    time.sleep(event["seconds"])
    return [begun, time.time()]


def pool(event, context):
    begun = time.time()
    with ThreadPoolExecutor(len(event["sleeps"])) as threads:
        list(threads.map(time.sleep, event["sleeps"]))
    return time.time() - begun


def puts(event, context):
    begun, seen = time.time(), []
    def work(n):
        time.sleep(n)
        s3.put_object(Bucket=event["bucket"], Key=f"{n}", Body=b"x")
        seen.append([n, time.time() - begun])
        time.sleep(n)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, [5, 3, 1, 6, 4, 2]))
    return seen, time.time() - begun


def crowd(event, context):
    order = []
    def put(n):
        s3.put_object(Bucket=event["bucket"], Key=f"{n}", Body=b"x")
        order.append(n)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(put, range(12)))
    return order


def once(event, context):
    begun = time.time()
    (a, b), later = call(event["name"], 10), time.time()
    return [a - begun, b - begun, later - begun]


def many(event, context):
    begun = time.time()
    with ThreadPoolExecutor(5) as threads:
        seen = list(threads.map(lambda n: call(event["name"], n), event["sleeps"]))
    return [[a - begun, b - begun] for a, b in seen], time.time() - begun


def beside(event, context):
    begun, seen = time.time(), []
    def tick():
        for _ in range(4):
            time.sleep(3)
            seen.append(time.time() - begun)
    thread = threading.Thread(target=tick)
    thread.start()
    call(event["name"], 7)
    seen.append(["called", time.time() - begun])
    thread.join()
    return seen


def impatient(event, context):
    begun = time.time()
    client = boto3.client("lambda", config=Config(read_timeout=20, retries={"total_max_attempts": 1}))
    try:
        call(event["name"], 50, client)
    except Exception as error:
        return type(error).__name__, time.time() - begun


def late(event, context):
    begun = time.time()
    future = ThreadPoolExecutor(1).submit(call, event["name"], 50)
    try:
        future.result(timeout=2)
    except TimeoutError:
        return "TimeoutError", time.time() - begun


def chain(event, context):
    if not event["depth"]:
        time.sleep(5)
        return [time.time()]
    payload = json.dumps({**event, "depth": event["depth"] - 1})
    answer = aws_lambda.invoke(FunctionName=context.function_name, Payload=payload)
    time.sleep(1)
    return [*json.loads(answer["Payload"].read()), time.time()]


def receive(event, context):
    begun = time.time()
    with ThreadPoolExecutor(2) as threads:
        got = threads.submit(sqs.receive_message, QueueUrl=event["queue"], MaxNumberOfMessages=1)
        nap = threads.submit(time.sleep, 4)
        nap.result()
        return [len(got.result().get("Messages", [])), time.time() - begun]


def consumers(event, context):
    begun, seen = time.time(), []
    def consume(name):
        while messages := sqs.receive_message(QueueUrl=event["queue"], WaitTimeSeconds=5).get("Messages"):
            for each in messages:
                seen.append([name, each["Body"], round(time.time() - begun, 1)])
                sqs.delete_message(QueueUrl=event["queue"], ReceiptHandle=each["ReceiptHandle"])
        seen.append([name, "nothing", round(time.time() - begun, 1)])
    threads = [threading.Thread(target=consume, args=(name,)) for name in "ab"]
    for each in threads:
        each.start()
    for n in range(3):
        time.sleep(1.5)
        sqs.send_message(QueueUrl=event["queue"], MessageBody=f"m{n}", DelaySeconds=2 if n == 1 else 0)
    for each in threads:
        each.join()
    return seen


def race(event, context):
    if event.get("spin"):
        deadline = time.process_time() + 0.2
        while time.process_time() < deadline:
            pass
    for n in range(3):
        try:
            s3.put_object(Bucket=event["bucket"], Key="one", Body=event["name"].encode(), IfNoneMatch="*")
        except s3.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        s3.delete_object(Bucket=event["bucket"], Key="one") if event.get("again") else None
    return "won"
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
    """Functions by name, in a new engine whose time does not pass on its own."""
    lab.engine.reset()
    lab.engine.set_clock_mode(ClockMode.STEPPED)
    names = (
        *("nap", "pool", "puts", "crowd", "once", "many", "beside", "impatient", "late", "chain", "receive"),
        *("consumers", "race"),
    )
    functions = {name.title(): function(f"app.{name}", Timeout=900) for name in names}
    resources = {
        "Role": role(),
        **functions,
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
    outputs = {name: {"Value": {"Fn::GetAtt": [name, "Arn"]}} for name in functions}
    outputs |= {name: {"Value": {"Ref": name}} for name in ("Bucket", "Queue")}
    return dict(lab.deploy({"Resources": resources, "Outputs": outputs}, {"src/app.py": APP}).outputs)


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **fields}


def played(lab: Lab, arn: str, given: object) -> tuple[Any, float]:
    """Run a function as the only task. Return its output and its duration in seconds."""
    execution = lab.play({"Only": task(arn)}, given)
    assert execution.stopped_at is not None
    return output_of(execution), (execution.stopped_at - execution.started_at).total_seconds()


@pytest.mark.parametrize(("sleeps", "right"), [([50, 50], 50), ([10, 20, 30, 40], 40)])
def test_threads_sleep_side_by_side(lab: Lab, arns: dict[str, str], sleeps: list[int], right: int) -> None:
    assert played(lab, arns["Pool"], {"sleeps": sleeps}) == (right, right)


def test_calls_of_threads_are_at_their_moments(lab: Lab, arns: dict[str, str]) -> None:
    seen, passed = played(lab, arns["Puts"], {"bucket": arns["Bucket"]})[0]
    assert seen == [[n, n] for n in range(1, 7)]
    assert passed == 12


def test_puts_of_many_threads_come_in_one_order(lab: Lab, arns: dict[str, str]) -> None:
    assert played(lab, arns["Crowd"], {"bucket": arns["Bucket"]}) == (list(range(12)), 0.1)


def test_a_function_that_another_invokes_takes_its_time_on_the_clock(lab: Lab, arns: dict[str, str]) -> None:
    assert played(lab, arns["Once"], {"name": arns["Nap"]}) == ([0, 10, 10], 10)


def test_functions_that_threads_invoke_run_side_by_side(lab: Lab, arns: dict[str, str]) -> None:
    five = {"name": arns["Nap"], "sleeps": [10] * 5}
    assert played(lab, arns["Many"], five) == ([[[0, 10]] * 5, 10], 10)
    different = {"name": arns["Nap"], "sleeps": [4, 9, 1]}
    assert played(lab, arns["Many"], different) == ([[[0, 4], [0, 9], [0, 1]], 9], 9)


def test_threads_go_on_while_another_waits_for_a_function(lab: Lab, arns: dict[str, str]) -> None:
    output, passed = played(lab, arns["Beside"], {"name": arns["Nap"]})
    assert output == [3, 6, ["called", 7], 9, 12]
    assert passed == 12


def test_a_read_time_out_counts_on_the_clock(lab: Lab, arns: dict[str, str]) -> None:
    assert played(lab, arns["Impatient"], {"name": arns["Nap"]}) == (["ReadTimeoutError", 20], 20)


def test_a_future_of_a_function_times_out(lab: Lab, arns: dict[str, str]) -> None:
    assert played(lab, arns["Late"], {"name": arns["Nap"]}) == (["TimeoutError", 2], 2)


def test_functions_may_invoke_each_other_in_a_chain(lab: Lab, arns: dict[str, str]) -> None:
    seen, passed = played(lab, arns["Chain"], {"depth": 6})
    assert [moment - seen[0] for moment in seen] == [0, 1, 2, 3, 4, 5, 6]
    assert passed == 11


def test_a_call_that_might_last_and_does_not_changes_nothing(lab: Lab, arns: dict[str, str]) -> None:
    lab.clients.sqs.send_message(QueueUrl=arns["Queue"], MessageBody="x")
    assert played(lab, arns["Receive"], {"queue": arns["Queue"]}) == ([1, 4], 4)


def test_threads_that_wait_at_one_queue_stand_in_line(lab: Lab, arns: dict[str, str]) -> None:
    seen, passed = played(lab, arns["Consumers"], {"queue": arns["Queue"]})
    assert seen == [
        ["a", "m0", 1.5],
        ["b", "m2", 4.5],
        ["a", "m1", 5.0],
        ["b", "nothing", 9.5],
        ["a", "nothing", 10.0],
    ]
    assert passed == 10


@pytest.mark.parametrize("slow", ["first", "second"])
def test_calls_of_functions_take_effect_in_the_order_of_their_tasks(
    lab: Lab, arns: dict[str, str], slow: str
) -> None:
    branches = [
        {
            "StartAt": name,
            "States": {
                name: task(
                    arns["Race"], Parameters={"bucket": arns["Bucket"], "name": name, "spin": name == slow}
                )
            },
        }
        for name in ("first", "second", "third")
    ]
    execution = lab.play({"P": {"Type": "Parallel", "Branches": branches, "End": True}})
    output_of(execution)
    body = lab.clients.s3.get_object(Bucket=arns["Bucket"], Key="one")["Body"].read()
    assert body == b"first"


def test_the_same_history_for_many_functions_that_invoke_many(lab: Lab, arns: dict[str, str]) -> None:
    outputs = []
    for _ in range(2):
        given = {"name": arns["Nap"], "sleeps": [3, 1, 2, 2, 5]}
        branches = [{"StartAt": f"M{n}", "States": {f"M{n}": task(arns["Many"])}} for n in range(3)]
        execution = lab.play({"P": {"Type": "Parallel", "Branches": branches, "End": True}}, given)
        outputs.append(output_of(execution))
        started = [(i.function, i.started_at, i.duration_s) for i in lab.engine.invocations()]
        assert len(started) == 18 * len(outputs)
    assert outputs[0] == outputs[1] == [[[[0, n] for n in (3, 1, 2, 2, 5)], 5]] * 3
    assert json.dumps(outputs)
