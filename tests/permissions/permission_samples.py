"""Observations made by hand: who called what as which role, and what the roles may do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness.functions.shared.model import Call, Invocation
from harness.observe.access import Access, NamedPolicy, Role
from harness.observe.model import Execution, HistoryEvent, Observation, Run

ACCOUNT, REGION = "123456789012", "eu-west-1"
HERE = f"{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/usage-delete"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:report-1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def trust(service: str = "lambda.amazonaws.com", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **condition}]}


def role(*statements: Mapping[str, Any], trusting: Mapping[str, Any] | None = None, arn: str = ROLE) -> Role:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return Role(arn, "DeleteRole", trusting or trust(), (NamedPolicy("own", policy),))


def call(service: str, operation: str, error: str | None = None, **params: Any) -> Call:
    return Call(service, operation, params, 200, error, injected=error is not None)


def invocation(*calls: Call, role_arn: str = ROLE, log: str = "", name: str = "usage-delete") -> Invocation:
    return Invocation("id", name, "{}", "{}", None, log, 0.0, 0.1, role_arn=role_arn, calls=calls)


def execution(*events: HistoryEvent, role_arn: str = ROLE) -> Run:
    arn = f"arn:aws:states:{HERE}:execution:M:run-1"
    machine = f"arn:aws:states:{HERE}:stateMachine:M"
    found = Execution(
        arn, "run-1", machine, "M", "SUCCEEDED", NOW, NOW, "{}", "{}", None, None, events, role_arn
    )
    return Run("run-1", found)


def scheduled(kind: str, operation: str, parameters: str) -> HistoryEvent:
    details = {"resourceType": kind, "resource": operation, "parameters": parameters}
    return HistoryEvent(1, 0, "TaskScheduled", NOW, details)


def observed(role: Role, *invocations: Invocation, runs: tuple[Run, ...] = (), **access: Any) -> Observation:
    return Observation(
        runs=runs,
        invocations=invocations,
        access=Access(roles={role.arn: role}, **access),
        account_id=ACCOUNT,
        region=REGION,
    )
