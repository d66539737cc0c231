"""The policies of the roles that a stack declares, as they are deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.engine.clients import Clients
from harness.stack.model import Stack

RolePolicies = Mapping[str, tuple[Mapping[str, Any], ...]]


def role_policies(clients: Clients, stack: Stack) -> RolePolicies:
    """Role ARN -> its policy documents, inline and attached."""
    return {
        clients.iam.get_role(RoleName=name)["Role"]["Arn"]: (
            *_inline(clients, name),
            *_attached(clients, name),
        )
        for name in stack.of_type("AWS::IAM::Role").values()
    }


def _inline(clients: Clients, role: str) -> list[Any]:
    names = clients.iam.list_role_policies(RoleName=role)["PolicyNames"]
    return [clients.iam.get_role_policy(RoleName=role, PolicyName=n)["PolicyDocument"] for n in names]


def _attached(clients: Clients, role: str) -> list[Any]:
    documents: list[Any] = []
    for policy in clients.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = policy["PolicyArn"]
        version = clients.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        documents.append(
            clients.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        )
    return documents
