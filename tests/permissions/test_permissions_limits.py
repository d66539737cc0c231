"""Permissions boundaries and service control policies limit what other policies allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from permission_samples import HERE, ROLE, invocation, role, with_role

from harness.observe.access import NamedPolicy
from harness.permissions.check import check
from harness.permissions.model import BOUNDARY, ORGANIZATION, Denial
from harness.testing import ACCOUNT_ID, REGION, a_call

TOPIC = f"arn:aws:sns:{HERE}:report"
PUBLISH = a_call("sns:Publish", TopicArn=TOPIC)
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Sid": "NoMail", "Effect": "Deny", "Action": "sns:*", "Resource": "*"}
ONLY_S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
SESSION = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/usage-delete/usage-delete"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def scp(*statements: dict[str, Any], name: str = "scp.json") -> NamedPolicy:
    return NamedPolicy(name, document(*statements))


def bounded(*boundary: dict[str, Any], own: Any = (ALLOW,), **access: Any) -> tuple[Denial, ...]:
    bound = replace(role(*own), boundary=NamedPolicy("arn:aws:iam::1:policy/b", document(*boundary)))
    return check(with_role(bound, invocation(PUBLISH), **access))


def organized(*policies: NamedPolicy, own: Any = (ALLOW,), **access: Any) -> tuple[Denial, ...]:
    return check(with_role(role(*own), invocation(PUBLISH), organization=policies, **access))


def test_a_boundary_is_an_intersection() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    assert bounded(ALLOW) == ()
    (outside,) = bounded(ONLY_S3)
    assert outside.reason == "because no permissions boundary allows the sns:Publish action"
    assert outside.kind == BOUNDARY
    (denied,) = bounded(ALLOW, DENY)
    assert denied.reason == "with an explicit deny in a permissions boundary: statement NoMail"
    assert denied.statement == ""
    (lacking,) = bounded(ALLOW, own=(ONLY_S3,))
    assert lacking.reason.startswith("because no identity-based policy allows the sns:Publish action")


def granting(principal: Any, **more: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sns:Publish",
        "Resource": TOPIC,
        **more,
    }
    return {TOPIC: document(statement)}


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        # "Resource-based policies that grant permissions to an IAM role ARN are limited by an implicit
        # deny in a permissions boundary", those that grant to its session are not.
        ({"AWS": ROLE}, False),
        ({"AWS": SESSION}, True),
        ("*", True),
    ],
)
def test_a_resource_policy_beside_a_boundary(principal: Any, allowed: bool) -> None:
    policies = granting(principal)
    assert (bounded(ONLY_S3, own=(), resource_policies=policies) == ()) is allowed
    assert bounded(ALLOW, DENY, own=(), resource_policies=policies) != ()
    assert bounded(ALLOW, own=(), resource_policies=policies) == ()


def test_a_service_control_policy_limits_every_role() -> None:
    assert organized(scp(ALLOW)) == ()
    (denied,) = organized(scp(ALLOW, DENY))
    assert denied.reason == "with an explicit deny in a service control policy: statement NoMail"
    assert (denied.kind, denied.place, denied.statement) == (ORGANIZATION, ("scp.json", 1), "")
    (outside,) = organized(scp(ONLY_S3))
    assert outside.reason == "because no service control policy allows the sns:Publish action"
    # A resource's policy does not help.
    assert organized(scp(ONLY_S3), own=(), resource_policies=granting({"AWS": SESSION})) != ()


def test_policies_that_only_deny_stand_beside_the_access_that_every_account_has() -> None:
    other = {**DENY, "Action": "sqs:*"}
    assert organized(scp(other)) == ()
    assert organized(scp(other), scp(DENY, name="b.json"))[0].place == ("b.json", 0)
    assert organized(scp(DENY), scp(ALLOW, name="b.json")) != ()
    assert organized(scp(ONLY_S3), scp(ALLOW, name="b.json")) == ()


def test_conditions_of_a_service_control_policy() -> None:
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1"]}}
    assert organized(scp({**DENY, "Condition": elsewhere})) != ()
    here = {"StringNotEquals": {"aws:RequestedRegion": [REGION]}}
    assert organized(scp({**DENY, "Condition": here})) == ()
    spared = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/app/{ROLE.rpartition('/')[2]}"}}
    assert organized(scp({**DENY, "Condition": spared})) == ()


def test_service_linked_roles_are_exempt() -> None:
    linked = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    seen = with_role(role(ALLOW, arn=linked), invocation(PUBLISH), organization=(scp(DENY),))
    of_linked = replace(seen, invocations=(replace(seen.invocations[0], role_arn=linked),))
    assert check(of_linked) == ()
