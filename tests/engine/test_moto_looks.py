"""A running engine reports messages and executions to observers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract import Lab

from harness.engine.moto.engine import MotoEngine

ROLE = "arn:aws:iam::123456789012:role/states"


@pytest.fixture
def moto(lab: Lab) -> MotoEngine:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("another engine is not asked so")
    return lab.engine


def test_messages_are_told_as_they_are_published(lab: Lab, moto: MotoEngine) -> None:
    sns: Any = lab.clients.sns
    before = len(moto.sent_messages(0, 0))
    plain = sns.create_topic(Name="told")["TopicArn"]
    fifo = sns.create_topic(Name="told.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    sns.publish(TopicArn=plain, Subject="Order", Message="one")
    entries = [{"Id": "a", "Message": "two"}, {"Id": "b", "Message": "three"}]
    sns.publish_batch(TopicArn=plain, PublishBatchRequestEntries=entries)
    for _ in range(2):  # which FIFO topics deliver once
        sns.publish(TopicArn=fifo, Message="four", MessageGroupId="g", MessageDeduplicationId="d")
    sns.publish(PhoneNumber="+4917012345", Message="five")
    told = moto.sent_messages(before, 0)
    assert [(each.to, each.subject, each.body) for each in told] == [
        (plain, "Order", "one"),
        (plain, "", "two"),
        (plain, "", "three"),
        (fifo, "", "four"),
        ("+4917012345", "", "five"),
    ]
    assert len({each.message_id for each in told}) == 5
    assert moto.sent_messages(before + 5, 0) == ()


def test_executions_are_told_with_those_of_express_machines(lab: Lab, moto: MotoEngine) -> None:
    states: Any = lab.clients.stepfunctions
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 9, "End": True}}})
    arns = []
    for kind in ("STANDARD", "EXPRESS"):
        machine = states.create_state_machine(
            name=f"told-{kind}", definition=definition, roleArn=ROLE, type=kind
        )["stateMachineArn"]
        started = states.start_execution(stateMachineArn=machine, name=kind, input='{"a": 1}')
        arns.append(started["executionArn"])
        moto.wait_for_execution(arns[-1], 30)
    told = moto.executions()[-2:]
    assert [(each.arn, each.status, each.express) for each in told] == [
        (arns[0], "SUCCEEDED", False),
        (arns[1], "SUCCEEDED", True),
    ]
    assert [each.ended_at - each.started_at for each in told if each.ended_at] == [9, 9]
    for each in told:
        seen = moto.execution(each.arn)
        assert seen is not None
        assert seen["definition"] == definition
        assert len(seen["events"]) == each.events == 4  # type: ignore[arg-type]
    assert moto.execution("arn:none") is None


def test_only_what_happens_changes_the_pulse(lab: Lab, moto: MotoEngine) -> None:
    first, _ = moto.pulse()
    moto.executions()
    assert moto.pulse()[0] == first
    lab.clients.sns.list_topics()
    assert moto.pulse()[0] != first
