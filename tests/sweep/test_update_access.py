"""Permissions while policies change: each call is judged by those that held for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sweep_samples import SCENARIO

from harness.engine.base import PassedEvent
from harness.observe.access import Access, NamedPolicy, Role
from harness.observe.model import Observation
from harness.sweep.updates.access import refused, without_role
from harness.sweep.updates.play import Change
from harness.testing import a_call, a_history, an_execution, an_invocation, observed

MACHINE, FUNCTION = (f"arn:aws:iam::123456789012:role/{name}" for name in ("machine", "function"))
TRUST = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["states.amazonaws.com", "lambda.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ]
}
EVENTS = 8
SCHEDULED, STARTED, PUBLISHING, PUBLISHED = 2, 3, 7, 8


def access(*actions: str, roles: tuple[str, ...] = (MACHINE, FUNCTION)) -> Access:
    allowed = {"Statement": [{"Effect": "Allow", "Action": [*actions, "logs:*"], "Resource": "*"}]}
    return Access({arn: Role(arn, arn[-8:], TRUST, (NamedPolicy("all", allowed),)) for arn in roles})


ALL = ("lambda:InvokeFunction", "s3:ListAllMyBuckets", "sns:Publish")


def seen(*, at_s: float = 0.0) -> Observation:
    """A function that lists buckets, `at_s` after its start; then a message."""
    history = a_history().enters("Count", at_s=0).schedules("counter", at_s=0)
    history.event("LambdaFunctionStarted", at_s=0).succeeds(at_s=5).exits("Count", at_s=5)
    history.enters("Send", at_s=5).calls("sns:publish", '{"TopicArn": "t"}', at_s=5).succeeds(at_s=6)
    execution = an_execution(history=history, role_arn=MACHINE, took_s=6)
    invocation = an_invocation(
        "counter",
        a_call("s3:ListBuckets", at_s=at_s),
        at_s=0.0,
        duration_s=5.0,
        role_arn=FUNCTION,
        execution_arn=execution.arn,
        state="Count",
    )
    return replace(observed(execution, invocations=[invocation]), access=access(*ALL))


def passed(found: Observation) -> list[PassedEvent]:
    return [PassedEvent(found.runs[0].execution.arn, number, number) for number in range(1, EVENTS + 1)]


def lacking(found: Observation, *changes: Change) -> set[str]:
    mismatches = [*refused(SCENARIO, found, passed(found), changes)]
    return {action for action in ALL for each in mismatches if action in each.summary}


def test_without_a_change_the_first_policies_hold() -> None:
    assert lacking(seen()) == set()


@pytest.mark.parametrize(
    ("number", "action", "is_lacking"),
    [
        (SCHEDULED, "lambda:InvokeFunction", True),
        (STARTED, "lambda:InvokeFunction", False),
        (SCHEDULED, "s3:ListAllMyBuckets", True),
        (STARTED, "s3:ListAllMyBuckets", False),
        (PUBLISHING, "sns:Publish", True),
        (PUBLISHED, "sns:Publish", False),
    ],
)
def test_what_begins_after_a_change_needs_the_new_policies(
    number: int, action: str, is_lacking: bool
) -> None:
    left = [each for each in ALL if each != action]
    assert lacking(seen(), Change(number, access(*left))) == ({action} if is_lacking else set())


def test_a_call_in_the_midst_of_an_invocation_counts_by_its_time() -> None:
    later = seen(at_s=7.0)
    change = Change(4, access("lambda:InvokeFunction", "sns:Publish"))
    assert lacking(later, change) == {"s3:ListAllMyBuckets"}


def test_after_a_rollback_the_old_policies_hold_again() -> None:
    without = access("lambda:InvokeFunction", "s3:ListAllMyBuckets")
    assert lacking(seen(), Change(STARTED, without), Change(6, access(*ALL))) == set()
    assert lacking(seen(), Change(STARTED, without), Change(PUBLISHED, access(*ALL))) == {"sns:Publish"}


def test_an_execution_whose_role_is_deleted_cannot_go_on() -> None:
    found = seen()
    gone = access(*ALL, roles=(FUNCTION,))
    (text,) = without_role(found, passed(found), [Change(STARTED, gone)])
    assert "still uses the role machine that it started with" in text
    assert "AWS rejects the task in state Send" in text
    assert list(without_role(found, passed(found), [Change(PUBLISHED, gone)])) == []
