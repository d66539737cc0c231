"""The embedded engine starts, resets, and stops reliably."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from harness.engine import child
from harness.engine.base import PATIENCE_S, EngineError
from harness.engine.clients import Clients
from harness.engine.control_client import Refused, ask
from harness.engine.moto.engine import MotoEngine
from harness.polling import poll
from harness.stepfunctions.task_time import ClockMode, TaskDuration

CSV = b"name,size\ncat,1\ndog,2\n"
HOST = """
import json, os, sys
from harness.engine.moto.engine import MotoEngine
engine = MotoEngine()
endpoint = engine.start()
print(json.dumps({"url": endpoint.url, "pid": engine._child.pid}), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = MotoEngine()
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def clients(engine: MotoEngine) -> Clients:
    return Clients(engine.start())


class Asked:
    """A fake client for control requests that records the timeout of each response."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []

    def ask(self, method: str, name: str, body: object = None, *, timeout_s: float, **query: object) -> bytes:
        self.waits_s.append(timeout_s)
        return b"[]"


def test_an_answer_that_comes_late_is_waited_for() -> None:
    class Busy(MotoEngine):
        _control = Asked()  # type: ignore[assignment]

    busy = Busy()
    busy.wait_for_execution("arn", 30)
    busy.settle(30)
    busy.waiting(0, 30)
    assert busy._control.waits_s == [30 + PATIENCE_S] * 3


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


def serves(url: str) -> bool:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def test_serves_on_the_loopback_interface_only(clients: Clients) -> None:
    assert urlsplit(clients.endpoint.url).hostname == "127.0.0.1"


def test_reset_forgets_everything(engine: MotoEngine, clients: Clients) -> None:
    clients.s3.create_bucket(Bucket="photos")
    engine.reset()
    assert clients.s3.list_buckets()["Buckets"] == []


@pytest.mark.parametrize(
    ("method", "name"), [("GET", "state_machines"), ("POST", "_init__"), ("GET", "reset")]
)
def test_a_control_request_that_there_is_not_lists_the_known_ones(
    engine: MotoEngine, clients: Clients, method: str, name: str
) -> None:
    url = f"{clients.endpoint.url}/_harness/{name}"
    with pytest.raises(Refused) as caught:
        ask(method, url, secret=clients.endpoint.session_token)
    assert str(caught.value).startswith(
        f"{url} answered 404: unknown request {method} /_harness/{name}; known: GET /_harness/answers, "
        "GET /_harness/bugs, GET /_harness/durations, "
    )


def test_it_tells_how_many_tasks_each_duration_matched(engine: MotoEngine, clients: Clients) -> None:
    engine.set_clock_mode(ClockMode.VIRTUAL)
    topic = clients.sns.create_topic(Name="news")["TopicArn"]
    task = "arn:aws:states:::sns:publish"
    publish = {"Type": "Task", "Resource": task, "Parameters": {"TopicArn": topic, "Message": "m"}}
    states = {"A": {**publish, "Next": "B"}, "B": {**publish, "End": True}}
    durations = [TaskDuration(9, task="sns:publish", call=2), TaskDuration(5, task="sqs:sendMessage")]
    engine.set_durations(durations)
    machine = clients.stepfunctions.create_state_machine(
        name="publishes",
        definition=json.dumps({"StartAt": "A", "States": states}),
        roleArn="arn:aws:iam::123456789012:role/r",
    )
    started = clients.stepfunctions.start_execution(stateMachineArn=machine["stateMachineArn"])
    engine.wait_for_execution(started["executionArn"], 30)
    assert engine.durations_matched() == {0: 1, 1: 0}
    engine.set_clock_mode(ClockMode.VIRTUAL)
    assert engine.durations_matched() == {}


def test_a_start_that_fails_says_why_and_leaves_nothing() -> None:
    engine = MotoEngine(command=[sys.executable, "-c", "raise SystemExit('no room on this device')"])
    with pytest.raises(EngineError, match="no room on this device"):
        engine.start()
    engine.stop()


def test_a_start_that_hangs_is_given_up() -> None:
    engine = MotoEngine(command=[sys.executable, "-c", "import time; time.sleep(600)"], start_timeout_s=0.3)
    with pytest.raises(EngineError, match=r"did not start within 0\.3 s"):
        engine.start()


def test_stop_ends_the_child_and_may_be_called_again() -> None:
    engine = MotoEngine()
    endpoint = engine.start()
    engine.stop()
    engine.stop()
    assert not serves(endpoint.url)


def test_an_engine_that_died_is_noticed() -> None:
    engine = MotoEngine()
    engine.start()
    assert engine._child.pid is not None
    os.kill(engine._child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, engine._child.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(EngineError, match="moto ended with signal 9"):
        engine.reset()
    engine.stop()


def test_an_engine_that_the_system_killed_for_want_of_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    kills = iter([3, 4])
    monkeypatch.setattr(child, "oom_kills", lambda: next(kills))
    engine = MotoEngine()
    engine.start()
    assert engine._child.pid is not None
    os.kill(engine._child.pid, signal.SIGKILL)
    with pytest.raises(EngineError, match=r"SIGKILL\): the system ran out of memory; seed fewer buckets"):
        engine.check()
    engine.stop()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_child_ends_when_its_parent_dies(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as host:
        assert host.stdout is not None
        ready = json.loads(host.stdout.readline())
        assert serves(ready["url"])
        host.send_signal(how)
        host.wait(10)
    poll(lambda: is_alive(ready["pid"]), lambda alive: not alive, what="end of the child", timeout_s=10)
    # The last of its threads may exit a moment later.
    poll(lambda: serves(ready["url"]), lambda served: not served, what="end of service", timeout_s=10)


@pytest.mark.parametrize(
    ("key", "body"),
    [("items.csv", CSV), ("items.csv.gz", gzip.compress(CSV, mtime=0))],
    ids=["plain", "compressed"],
)
def test_a_distributed_map_reads_from_a_bucket_and_writes_to_one(
    engine: MotoEngine, clients: Clients, key: str, body: bytes
) -> None:
    for bucket in ("source", "target"):
        clients.s3.create_bucket(Bucket=bucket)
    clients.s3.put_object(Bucket="source", Key=key, Body=body)
    definition = {
        "StartAt": "All",
        "States": {
            "All": {
                "Type": "Map",
                "End": True,
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                    "Parameters": {"Bucket": "source", "Key": key},
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "One",
                    "States": {"One": {"Type": "Pass", "OutputPath": "$.name", "End": True}},
                },
                "ResultWriter": {
                    "Resource": "arn:aws:states:::s3:putObject",
                    "Parameters": {"Bucket": "target", "Prefix": "results"},
                },
            }
        },
    }
    states = clients.stepfunctions
    machine = states.create_state_machine(
        name=f"mapped-{key.replace('.', '-')}",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/r",
    )
    started = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    engine.wait_for_execution(started, 30)

    ended = states.describe_execution(executionArn=started)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    place = json.loads(ended["output"])["ResultWriterDetails"]
    manifest = json.loads(clients.s3.get_object(**place)["Body"].read())
    (file,) = manifest["ResultFiles"]["SUCCEEDED"]
    results = json.loads(clients.s3.get_object(Bucket="target", Key=file["Key"])["Body"].read())
    assert [result["Output"] for result in results] == ['"cat"', '"dog"']
