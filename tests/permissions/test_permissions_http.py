"""An HTTP Task needs permissions to invoke the endpoint, and to read the connection and its secret."""

from __future__ import annotations

import json
from typing import Any

from permission_samples import HERE, ROLE, execution, role, trust, with_role

from harness.permissions.check import check
from harness.stepfunctions.connections import secret_arn
from harness.testing import a_history

CONNECTION = f"arn:aws:events:{HERE}:connection/shop/1a2b"
SECRET = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
INVOKE: dict[str, Any] = {"Effect": "Allow", "Action": "states:InvokeHTTPEndpoint", "Resource": "*"}
READ = {"Effect": "Allow", "Action": "events:RetrieveConnectionCredentials", "Resource": CONNECTION}
OPEN = {"Effect": "Allow", "Action": SECRET, "Resource": secret_arn(CONNECTION)}


def denied(*statements: dict[str, Any]) -> list[str]:
    parameters = {
        "ApiEndpoint": "https://api.example.com/v1/orders",
        "Method": "POST",
        "Authentication": {"ConnectionArn": CONNECTION},
    }
    history = a_history().enters("Send").calls("http:invoke", json.dumps(parameters))
    machine = execution("SUCCEEDED", history=history)
    seen = with_role(role(*statements, trusting=trust("states.amazonaws.com")), executions=(machine,))
    return [each.action for each in check(seen) if each.role_arn == ROLE]


def test_all_of_them_are_needed() -> None:
    assert denied(INVOKE, READ, OPEN) == []
    assert sorted(denied()) == sorted(
        ["states:InvokeHTTPEndpoint", "events:RetrieveConnectionCredentials", *SECRET]
    )


def test_conditions_are_those_of_the_request() -> None:
    here = {
        "StringEquals": {"states:HTTPMethod": "POST"},
        "StringLike": {"states:HTTPEndpoint": "https://api.*"},
    }
    assert denied({**INVOKE, "Condition": here}, READ, OPEN) == []
    other = {"StringEquals": {"states:HTTPMethod": "GET"}}
    assert denied({**INVOKE, "Condition": other}, READ, OPEN) == ["states:InvokeHTTPEndpoint"]


def test_a_policy_for_all_secrets_of_connections_will_do() -> None:
    statement = {**OPEN, "Resource": f"arn:aws:secretsmanager:{HERE}:secret:events!connection/*"}
    assert denied(INVOKE, READ, statement) == []
