"""The permission data types: the needs of a call, the decision of a policy, and denials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.json_types import Json

Statement = Mapping[str, Json]
"""A policy statement: `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`."""
Context = Mapping[str, str | tuple[str, ...]]
"""Condition keys in a request: `{"aws:RequestedRegion": "eu-west-1", "aws:TagKeys": ("team", "cost")}`."""


IDENTITY = "identity-based policy"
RESOURCE = "resource-based policy"
BOUNDARY = "permissions boundary"
ORGANIZATION = "service control policy"
"""Policy types, as named in AWS's messages.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""


@dataclass(frozen=True)
class Need:
    """A permission that a call requires: `Need("s3:ListBucket", "arn:aws:s3:::photos")`.

    `resource` is None if the action's resource is not known. A statement that allows the action on any
    resource is then enough. `context` contains condition keys for this call only.
    """

    action: str
    resource: str | None
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A role's need, with its caller ("function store-order")."""

    role_arn: str
    caller: str
    need: Need


@dataclass(frozen=True)
class Assumption:
    """An assumed role, with the service (`lambda.amazonaws.com`) and the resource that uses it."""

    role_arn: str
    caller: str
    service: str
    source_arn: str


@dataclass(frozen=True)
class Principal:
    """The requester as resource policies and trust policies see it: a role or a service."""

    role_arn: str = ""
    service: str = ""


@dataclass(frozen=True)
class Grant:
    """An Allow statement: its `index` in a policy, counted from 0, and its matching parts."""

    policy: str
    index: int
    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """The decision about a need, and the deciding statement (None: no statement matched, which is a denial).

    `grants` contains all statements in the role's own policies that allow it. `notes` explains why
    statements about the action do not match: a different resource, or an unmet condition. `kind` is the type
    of the evaluated policies, in AWS's words. `place` is the policy name and the index of the deciding
    statement.
    """

    allowed: bool
    statement: Statement | None = None
    notes: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    kind: str = IDENTITY
    place: tuple[str, int] | None = None

    @property
    def denied(self) -> bool:
        """Return whether a Deny statement decided."""
        return not self.allowed and self.statement is not None


@dataclass(frozen=True)
class Denial:
    """A permission that calls require but their role does not have.

    `resources` contains all resources with a denial, in call order (empty if they are not known). `reason` is
    one line. `statement` is the missing policy statement as YAML for the template. It is empty if a Deny
    statement decided, because adding a statement would not help. `trust`: the statement belongs in the role's
    trust policy. `kind` is the type of the denying policies. `place` is the policy name and the index of the
    Deny statement.
    """

    role_arn: str
    action: str
    resources: tuple[str, ...]
    callers: tuple[str, ...]
    reason: str
    statement: str
    trust: bool = False
    kind: str = IDENTITY
    place: tuple[str, int] | None = None

    @property
    def role(self) -> str:
        """The role's name."""
        return self.role_arn.rsplit("/", 1)[-1]
