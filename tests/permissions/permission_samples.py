"""Handmade observations: calls with their roles, and the permissions of the roles."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from harness.functions.shared.model import Invocation
from harness.observe.access import Access, NamedPolicy, Role
from harness.observe.model import Execution, Observation
from harness.testing import ACCOUNT_ID, REGION, an_execution, an_invocation, arn, observed

HERE = f"{REGION}:{ACCOUNT_ID}"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/app/usage-delete"
MACHINE = arn("states", "stateMachine:report-1")


def trust(service: str = "lambda.amazonaws.com", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **condition}]}


def role(*statements: Mapping[str, Any], trusting: Mapping[str, Any] | None = None, arn: str = ROLE) -> Role:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return Role(arn, "DeleteRole", trusting or trust(), (NamedPolicy("own", policy),))


invocation = partial(an_invocation, "usage-delete", role_arn=ROLE)
execution = partial(an_execution, machine="M", role_arn=ROLE)


def with_role(
    role: Role, *invocations: Invocation, executions: tuple[Execution, ...] = (), **access: Any
) -> Observation:
    allowed = Access(roles={role.arn: role}, **access)
    return observed(*executions, invocations=invocations, access=allowed)
