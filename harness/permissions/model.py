"""The nouns of permissions: what a call needs, how a policy decides, and what would be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.json_types import Json

Statement = Mapping[str, Json]
"""A statement of a policy: `{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`."""
Context = Mapping[str, str | tuple[str, ...]]
"""Condition keys of a request: `{"aws:RequestedRegion": "eu-west-1", "aws:TagKeys": ("team", "cost")}`."""


IDENTITY = "identity-based policy"
RESOURCE = "resource-based policy"
BOUNDARY = "permissions boundary"
ORGANIZATION = "service control policy"
"""Kinds of policies, as messages of AWS name them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""


@dataclass(frozen=True)
class Need:
    """One permission that a call takes: `Need("s3:ListBucket", "arn:aws:s3:::photos")`.

    `resource` is None when it is not known which resource the action is checked against; then a statement
    that allows the action on any resource will do. `context` are condition keys that only this call has.
    """

    action: str
    resource: str | None
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A need as it arose: as which role, and by whom ("function store-order")."""

    role_arn: str
    caller: str
    need: Need


@dataclass(frozen=True)
class Assumption:
    """A role as it was assumed: by which service (`lambda.amazonaws.com`), for which of its resources."""

    role_arn: str
    caller: str
    service: str
    source_arn: str


@dataclass(frozen=True)
class Principal:
    """The requester as resource policies and trust policies name it: a role, or a service."""

    role_arn: str = ""
    service: str = ""


@dataclass(frozen=True)
class Grant:
    """A statement that allows something: the `index`-th (from 0) of a policy, and what of it does."""

    policy: str
    index: int
    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """The answer to a need, and the statement that decided (None: none matched, which is a refusal).

    `grants` are all statements of the role's own policies that allow it. `notes` say of the statements about
    the action why they do not match: another resource, or a condition that does not hold. `kind` is the kind
    of the policies that were asked, in AWS's words, and `place` says where the deciding statement stands:
    the name of its policy and its index.
    """

    allowed: bool
    statement: Statement | None = None
    notes: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    kind: str = IDENTITY
    place: tuple[str, int] | None = None

    @property
    def denied(self) -> bool:
        """True if a Deny statement refuses it."""
        return not self.allowed and self.statement is not None


@dataclass(frozen=True)
class Denial:
    """A permission that calls needed and that their role does not have.

    `resources` are all those that the action was refused on, in the order of the calls (empty when they
    are not known). `reason` is one line; `statement` the policy statement that is missing, as YAML for the
    template, or empty when a Deny statement refuses and adding one would not help. `trust` says that it
    belongs into the role's trust policy. `kind` is the kind of the policies that refuse, and `place` where
    the Deny statement stands that does: its policy's name and its index there.
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
