"""Stack policies are validated, and protect the named resources, with AWS's messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab

from harness.engine.moto.engine import MotoEngine


@pytest.fixture(autouse=True)
def _only_moto(lab: Lab) -> None:
    if not isinstance(lab.engine, MotoEngine):
        pytest.skip("the stacks of the embedded engine")


TEMPLATE = """
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: policy-q1, DelaySeconds: 1}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: policy-t1, DisplayName: one}}
"""
ALL: Any = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
INVALID = {
    "no JSON": "no",
    "no statements": '{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}',
    "another principal": json.dumps({"Statement": [{**ALL, "Principal": "me"}]}),
    "another action": json.dumps({"Statement": [{**ALL, "Action": "Delete:*"}]}),
    "another effect": json.dumps({"Statement": [{**ALL, "Effect": "Perhaps"}]}),
    "another key": json.dumps({"Statement": [{**ALL, "Conditions": {}}]}),
}


def deny(action: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Principal": "*", "Resource": "*", **more}


def stack(lab: Lab, *statements: Any) -> Any:
    lab.clients.cloudformation.create_stack(
        StackName="policed", TemplateBody=TEMPLATE, StackPolicyBody=json.dumps({"Statement": [*statements]})
    )
    return lab.clients.cloudformation


def updated(cloudformation: Any, text: str, **more: Any) -> tuple[str, dict[str, str]]:
    """The result of an update, and the reasons for failed resources. The stack is then deleted."""
    cloudformation.update_stack(StackName="policed", TemplateBody=text, **more)
    (found,) = cloudformation.describe_stacks(StackName="policed")["Stacks"]
    events = cloudformation.describe_stack_events(StackName="policed")["StackEvents"]
    cloudformation.delete_stack(StackName="policed")
    failed = {
        each["LogicalResourceId"]: each["ResourceStatusReason"]
        for each in events
        if each["ResourceStatus"] == "UPDATE_FAILED"
    }
    return found["StackStatus"], failed


CHANGED = TEMPLATE.replace("DelaySeconds: 1", "DelaySeconds: 2")
REPLACED = TEMPLATE.replace("policy-q1", "policy-q2")
DELETED = "\n".join(line for line in TEMPLATE.splitlines() if "Queue" not in line)


@pytest.mark.parametrize(
    ("statement", "text", "says"),
    [
        (deny("Update:*"), CHANGED, "Update:Modify"),
        (deny("Update:Replace"), CHANGED, ""),
        (deny("Update:Replace"), REPLACED, "Update:Replace"),
        (deny("Update:Delete"), DELETED, "Update:Delete"),
        (deny("Update:*", Resource="LogicalResourceId/Q*"), CHANGED, "Update:Modify"),
        (deny("Update:*", Resource=["LogicalResourceId/Topic"]), CHANGED, ""),
        (
            deny("Update:*", Condition={"StringEquals": {"ResourceType": ["AWS::SQS::Queue"]}}),
            CHANGED,
            "Modify",
        ),
        (deny("Update:*", Condition={"StringLike": {"ResourceType": ["AWS::SNS::*"]}}), CHANGED, ""),
    ],
)
def test_what_a_policy_denies_is_not_done(lab: Lab, statement: Any, text: str, says: str) -> None:
    status, failed = updated(stack(lab, statement, ALL), text)
    if not says:
        assert (status, failed) == ("UPDATE_COMPLETE", {})
        return
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert failed.keys() == {"Queue"}
    assert failed["Queue"].startswith("Action denied by stack policy: Statement [#1] does not allow [Update:")
    assert f"{says}] for resource [LogicalResourceId/Queue];" in failed["Queue"]


def test_what_no_statement_allows_is_not_done_and_one_update_may_have_a_policy_of_its_own(lab: Lab) -> None:
    only_topic = {**ALL, "Resource": "LogicalResourceId/Topic"}
    status, failed = updated(stack(lab, only_topic), CHANGED)
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert failed["Queue"].startswith(
        "Action not allowed by stack policy: no statement allows [Update:Modify]"
    )
    during = json.dumps({"Statement": [ALL]})
    cloudformation = stack(lab, only_topic)
    assert updated(cloudformation, CHANGED, StackPolicyDuringUpdateBody=during) == ("UPDATE_COMPLETE", {})


def test_a_policy_given_with_an_update_holds_from_the_next_one_on(lab: Lab) -> None:
    cloudformation = stack(lab, ALL)
    text = json.dumps({"Statement": [deny("Update:*")]})
    cloudformation.update_stack(StackName="policed", TemplateBody=CHANGED, StackPolicyBody=text)
    assert cloudformation.get_stack_policy(StackName="policed")["StackPolicyBody"] == text
    assert updated(cloudformation, TEMPLATE)[0] == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
def test_a_policy_that_is_none_is_refused(lab: Lab, text: str) -> None:
    cloudformation = stack(lab)
    with pytest.raises(ClientError, match="Error validating stack policy: Invalid stack policy"):
        cloudformation.set_stack_policy(StackName="policed", StackPolicyBody=text)
    cloudformation.set_stack_policy(StackName="policed", StackPolicyBody="{}")  # allows everything
    assert updated(cloudformation, CHANGED)[0] == "UPDATE_COMPLETE"
