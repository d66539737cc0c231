"""`harness up` and its clock: external calls to waiting executions."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from harness.cli.up import waiting_text
from harness.polling import poll
from harness.stepfunctions.waiting_task import WaitingTask

ROLE = "arn:aws:iam::123456789012:role/states"
Client = Any
LONGEST_S = 120.0


@contextmanager
def ready(folder: Path, *arguments: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """The output of `harness up --json` when it is ready, and its screen."""
    with subprocess.Popen(
        [sys.executable, "-m", "harness", "up", "--json", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        # A line that a test expects may never come: the screen ends then.
        watchdog = threading.Timer(LONGEST_S, process.kill)
        watchdog.start()
        try:
            yield json.loads(process.stdout.readline()), process.stderr
        finally:
            watchdog.cancel()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)


@contextmanager
def up(folder: Path, *arguments: str) -> Iterator[tuple[Callable[[str], Client], Any]]:
    """Clients for `harness up`, and its screen."""
    with ready(folder, *arguments) as (said, screen):
        token = said["env"]["AWS_SESSION_TOKEN"]
        session = boto3.session.Session("test", "test", token, said["region"])
        yield lambda name: session.client(name, endpoint_url=said["endpoint_url"]), screen


def start(client: Client, name: str, state: dict[str, Any]) -> str:
    definition = json.dumps({"StartAt": "S", "States": {"S": {**state, "End": True}}})
    made = client.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    arn: str = client.start_execution(stateMachineArn=made["stateMachineArn"], name="run")["executionArn"]
    return arn


def at_its_end(client: Client, execution: str) -> Any:
    return poll(
        lambda: client.describe_execution(executionArn=execution),
        lambda seen: seen["status"] != "RUNNING",
        what="end",
        timeout_s=20,
    )


def test_a_token_may_be_answered_from_outside_and_the_screen_says_so(tmp_path: Path) -> None:
    with up(tmp_path) as (client, screen):
        states, sqs = client("stepfunctions"), client("sqs")
        queue = sqs.create_queue(QueueName="asked")["QueueUrl"]
        first = start(states, "first", {"Type": "Pass"})
        ask = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
            "HeartbeatSeconds": 60,
        }
        execution = start(states, "ask", ask)
        said = [screen.readline() for _ in range(5)]
        assert "Execution run of ask waits in state S (sqs:sendMessage.waitForTaskToken)" in said[0]
        (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
        assert message["Body"] in said[4]
        states.send_task_heartbeat(taskToken=message["Body"])
        assert states.describe_execution(executionArn=execution)["status"] == "RUNNING"
        states.send_task_success(taskToken=message["Body"], output='"fine"')
        assert at_its_end(states, execution)["output"] == '"fine"'
        # A plain Wait is skipped, and earlier results are still known.
        assert at_its_end(states, start(states, "wait", {"Type": "Wait", "Seconds": 8_000_000}))
        begun = states.describe_execution(executionArn=first)
        assert begun["status"] == "SUCCEEDED"
        assert abs(begun["startDate"].timestamp() - time.time()) < 3600, "the clock starts at now"


def test_on_the_real_clock_what_waits_can_be_stopped(tmp_path: Path) -> None:
    with up(tmp_path, "--clock", "real") as (client, _):
        states = client("stepfunctions")
        execution = start(states, "wait", {"Type": "Wait", "Seconds": 3600})
        assert states.describe_execution(executionArn=execution)["status"] == "RUNNING"
        states.stop_execution(executionArn=execution, error="Enough")
        assert at_its_end(states, execution)["status"] == "ABORTED"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--clock", "slow"], "argument --clock: unknown value 'slow'; choices: virtual, real"),
        (["--clock", "virtual", "--engine", "ministack"], "has no virtual clock; omit it"),
    ],
)
def test_a_clock_that_is_not_there_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    if "ministack" in arguments:
        pytest.importorskip("ministack")
    command = [sys.executable, "-m", "harness", "up", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_never_times_out_says_so() -> None:
    arn = "arn:aws:states:eu-west-1:123456789012:execution:ask:run"
    text = waiting_text(WaitingTask("tok", arn, "Ask", "sqs:sendMessage.waitForTaskToken", None, None, None))
    assert "without a time limit" in text
    assert "--task-token tok" in text
    assert all(line.startswith("# ") for line in text.splitlines())


def test_who_waits_for_a_worker_is_told_how_to_be_one() -> None:
    arn = "arn:aws:states:us-east-1:123456789012:execution:orders:run-1"
    activity = "arn:aws:states:us-east-1:123456789012:activity:sign"
    text = waiting_text(WaitingTask("tok", arn, "Sign", activity, None, None, None, activity))
    assert text == (
        "# Execution run-1 of orders waits in state Sign for a worker to take its task.\n"
        f"# To continue: aws stepfunctions get-activity-task --activity-arn {activity}\n"
        "# and aws stepfunctions send-task-success --task-output '{}' --task-token TOKEN"
    )
