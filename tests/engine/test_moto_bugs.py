"""Exceptions in the embedded engine are returned in each service's protocol, and the engine keeps running."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from broken_child import broken_engine
from contract import Lab

from harness.engine.base import EngineError
from harness.engine.clients import Clients
from harness.engine.moto.engine import MotoEngine
from harness.polling import poll
from harness.stack.deploy import deploy
from harness.stack.model import DeployError

CALLS: dict[str, Callable[[Clients], Any]] = {
    "s3: PUT /photos/raise-now": lambda c: c.s3.put_object(Bucket="photos", Key="raise-now"),
    "dynamodb:DescribeTable": lambda c: c.dynamodb.describe_table(TableName="raise-now"),
    "sns:CreateTopic": lambda c: c.sns.create_topic(Name="raise-now"),
    "sqs:CreateQueue": lambda c: c.sqs.create_queue(QueueName="raise-now"),
    "iam:GetRole": lambda c: c.iam.get_role(RoleName="raise-now"),
    "cloudformation:DescribeStacks": lambda c: c.cloudformation.describe_stacks(StackName="raise-now"),
    "lambda: GET /2015-03-31/functions/raise-now": lambda c: c.lambda_.get_function(FunctionName="raise-now"),
    "logs:CreateLogGroup": lambda c: c.logs.create_log_group(logGroupName="raise-now"),
}


@pytest.fixture(scope="module")
def engine() -> Iterator[MotoEngine]:
    engine = broken_engine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def lab(engine: MotoEngine, tmp_path: Path) -> Lab:
    return Lab(engine, Clients(engine.reset()), tmp_path)


@pytest.mark.parametrize("call", CALLS)
def test_every_protocol_carries_the_exception(engine: MotoEngine, lab: Lab, call: str) -> None:
    with pytest.raises(ClientError) as raised:
        CALLS[call](lab.clients)
    response: Any = raised.value.response
    assert response["Error"]["Code"] == "InternalFailure"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500
    (bug,) = engine.bugs()  # a request that botocore retries is not executed again
    assert bug.call == call
    assert bug.text.startswith("RuntimeError: asked for, try ")
    assert response["Error"]["Message"] == bug.sentence
    assert response["ResponseMetadata"]["HTTPHeaders"]["x-harness-exception"] == bug.sentence


def test_after_an_exception_the_engine_serves_on(engine: MotoEngine, lab: Lab) -> None:
    topic = lab.clients.sns.create_topic(Name="topic")["TopicArn"]
    with pytest.raises(ClientError, match="KeyError: 'no such thing'"):
        lab.clients.sns.publish(TopicArn=topic, Message="raise")
    lab.clients.sns.publish(TopicArn=topic, Message="hello")
    with pytest.raises(ClientError, match="NotImplemented"):
        lab.clients.sns.publish(TopicArn=topic, Message="unknown")
    assert [bug.served for bug in engine.bugs()] == [True, False]
    engine.reset()
    assert engine.bugs() == ()


def test_an_exception_in_the_simulation_ends_what_runs_and_not_what_comes(
    engine: MotoEngine, lab: Lab
) -> None:
    topic = lab.clients.sns.create_topic(Name="topic")["TopicArn"]
    parameters = {"TopicArn": topic, "Message.$": "$"}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": parameters,
        "End": True,
    }
    machine = lab.machine({"Publish": state})
    states = lab.clients.stepfunctions

    def status(message: str) -> str:
        arn = states.start_execution(stateMachineArn=machine, input=json.dumps(message))["executionArn"]
        return poll(
            lambda: states.describe_execution(executionArn=arn)["status"],
            lambda status: status != "RUNNING",
            what="an execution",
            timeout_s=30,
        )

    assert status("simulation") == "ABORTED"
    assert status("hello") == "SUCCEEDED"
    (bug,) = engine.bugs()
    assert bug.sentence.startswith("Step Functions: ZeroDivisionError: in the scheduler (")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken", r"Q \(AWS::SQS::Queue\): KeyError: 'no such thing' \(moto/"),
        ("raise-now", "the engine raised an exception: cloudformation:CreateStack: RuntimeError: asked for"),
    ],
)
def test_a_template_that_makes_the_engine_raise_says_why(
    lab: Lab, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "template.yaml").write_text(
        f"Resources: {{Q: {{Type: AWS::SQS::Queue, Properties: {{QueueName: {name}}}}}}}\n"
    )
    with pytest.raises(DeployError, match=said):
        deploy(lab.clients, tmp_path / "template.yaml", "stack", {})


def test_a_child_that_is_killed_while_it_starts_is_said() -> None:
    engine = MotoEngine(["sh", "-c", "echo odd >&2; kill -9 $$"])
    with pytest.raises(EngineError, match=r"moto ended with signal 9 \(SIGKILL\) while starting\nodd\n"):
        engine.start()


def test_settings_of_a_developers_moto_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "1")
    monkeypatch.setenv("INITIAL_NO_AUTH_ACTION_COUNT", "0")
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    engine = MotoEngine()
    try:
        clients = Clients(engine.start())
        topic = clients.sns.create_topic(Name="topic")["TopicArn"]
        assert topic == "arn:aws:sns:us-east-1:123456789012:topic"
    finally:
        engine.stop()


def test_a_full_disk_is_said_by_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/full")
    engine = MotoEngine(["sh", "-c", "echo 'OSError: [Errno 28] No space left on device' >&2; exit 1"])
    said = r"No space left on device; free some space, or set TMPDIR to another folder \(now /full\)"
    with pytest.raises(EngineError, match=said):
        engine.start()
