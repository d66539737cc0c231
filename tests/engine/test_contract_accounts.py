"""Accounts in one emulator, which isolate its users. Skipped if the engine supports only one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract import Lab, function, role

from harness.engine.accounts import own_account
from harness.engine.base import Endpoint
from harness.engine.clients import Clients

APP = """
import boto3


def handler(event, context):
    return [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
"""


@pytest.fixture
def other(lab: Lab) -> Clients:
    """A different account from the lab's."""
    here = lab.clients.endpoint
    clients = own_account(Endpoint(here.url, session_token=here.session_token), lab.clients.session)
    if clients.endpoint.account_id == lab.clients.endpoint.account_id:
        pytest.skip(f"{lab.engine.name} has one account")
    return clients


def test_twelve_digits_as_access_key_are_the_account(other: Clients) -> None:
    account = other.endpoint.access_key_id
    assert other.client("sts").get_caller_identity()["Account"] == account
    topic = other.sns.create_topic(Name="accounts")["TopicArn"]
    assert topic.split(":")[4] == account


def test_accounts_do_not_see_each_other(lab: Lab, other: Clients) -> None:
    arn = lab.machine({"Only": {"Type": "Pass", "End": True}})
    topic = lab.clients.sns.create_topic(Name="mine")["TopicArn"]
    lab.clients.sqs.create_queue(QueueName="mine")
    lab.clients.s3.create_bucket(Bucket=f"mine-{lab.clients.endpoint.account_id}")
    assert arn in {
        m["stateMachineArn"] for m in lab.clients.stepfunctions.list_state_machines()["stateMachines"]
    }
    assert topic in {t["TopicArn"] for t in lab.clients.sns.list_topics()["Topics"]}
    assert not other.stepfunctions.list_state_machines()["stateMachines"]
    assert not other.sns.list_topics()["Topics"]
    assert not other.sqs.list_queues().get("QueueUrls")
    assert not other.s3.list_buckets()["Buckets"]
    assert not other.lambda_.list_functions()["Functions"]


def test_names_of_buckets_belong_to_all_accounts(lab: Lab, other: Clients) -> None:
    name = f"taken-{lab.clients.endpoint.account_id}"
    lab.clients.s3.create_bucket(Bucket=name)
    with pytest.raises(other.s3.exceptions.BucketAlreadyExists):
        other.s3.create_bucket(Bucket=name)


def test_functions_and_machines_act_in_their_own_account(lab: Lab, other: Clients) -> None:
    theirs = Lab(lab.engine, other, lab.folder, lab.numbers)
    bucket = f"theirs-{other.endpoint.account_id}"
    other.s3.create_bucket(Bucket=bucket)
    template: dict[str, Any] = {
        "Resources": {"Role": role(), "List": function("app.handler", Timeout=30)},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["List", "Arn"]}}},
    }
    arn = theirs.deploy(template, {"src/app.py": APP}).outputs["Arn"]
    assert arn.split(":")[4] == other.endpoint.account_id
    execution = theirs.play({"List": {"Type": "Task", "Resource": arn, "End": True}})
    assert json.loads(execution.output or "") == [bucket]
