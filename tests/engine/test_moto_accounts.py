"""Accounts on the embedded engine: a 12-digit key selects one, and a task can call a different one."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import boto3
import pytest

from harness.engine.moto.engine import MotoEngine

HERE, OTHER = "123456789012", "210987654321"
ASSUMED = json.dumps(
    {"Statement": {"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sts:AssumeRole"}}
)
SOURCE = """
import boto3

def handler(event, context):
    identity = boto3.client("sts").get_caller_identity()["Account"]
    topics = boto3.client("sns").list_topics()["Topics"]
    return {"account": identity, "topics": [topic["TopicArn"] for topic in topics]}
"""


@pytest.fixture
def clients(engine: MotoEngine) -> Any:
    """Create clients for a service in an account."""
    engine.reset()
    endpoint = engine.start()

    def client(service: str, account: str) -> Any:
        session = boto3.session.Session(account, "test", endpoint.session_token, "us-east-1")
        return session.client(service, endpoint_url=endpoint.url)

    return client


def test_every_service_knows_the_account_of_a_key(clients: Any) -> None:
    made = clients("sns", OTHER).create_topic(Name="t")["TopicArn"]
    assert made.split(":")[4] == OTHER
    assert clients("sns", HERE).list_topics()["Topics"] == []
    assert clients("sns", "test").list_topics()["Topics"] == []
    assert clients("sts", OTHER).get_caller_identity()["Account"] == OTHER


def test_a_task_calls_for_the_account_of_its_role(clients: Any, engine: MotoEngine) -> None:
    role = clients("iam", OTHER).create_role(RoleName="trusted", AssumeRolePolicyDocument=ASSUMED)
    role_arn = role["Role"]["Arn"]
    topic = clients("sns", OTHER).create_topic(Name="t")["TopicArn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", SOURCE)
    function = clients("lambda", OTHER).create_function(
        FunctionName="f",
        Runtime="python3.12",
        Role=role_arn,
        Handler="app.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    target = clients("stepfunctions", OTHER).create_state_machine(
        name="target",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 7, "End": true}}}',
        roleArn=role_arn,
    )
    own = {"Type": "Task", "Credentials": {"RoleArn": role_arn}}
    integration = "arn:aws:states:::"
    states = {
        "Invoke": {
            **own,
            "Resource": f"{integration}lambda:invoke",
            "Parameters": {"FunctionName": function["FunctionArn"]},
            "ResultSelector": {"seen.$": "$.Payload"},
            "Next": "List",
        },
        "List": {
            **own,
            "Resource": f"{integration}aws-sdk:sns:listTopics",
            "Parameters": {},
            "ResultPath": "$.listed",
            "Next": "Start",
        },
        "Start": {
            **own,
            "Resource": f"{integration}states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": target["stateMachineArn"]},
            "ResultSelector": {"output.$": "$.Output"},
            "ResultPath": "$.nested",
            "End": True,
        },
    }
    here = clients("stepfunctions", HERE)
    machine = here.create_state_machine(
        name="m",
        definition=json.dumps({"StartAt": "Invoke", "States": states}),
        roleArn=f"arn:aws:iam::{HERE}:role/m",
    )
    execution = here.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    assert engine.wait_for_execution(execution, 30)
    shown = here.describe_execution(executionArn=execution)
    assert shown["status"] == "SUCCEEDED", (shown.get("error"), shown.get("cause"))
    assert json.loads(shown["output"]) == {
        "seen": {"account": OTHER, "topics": [topic]},
        "listed": {"Topics": [{"TopicArn": topic}]},
        "nested": {"output": 7},
    }
