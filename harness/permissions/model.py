"""The nouns of permissions: what a call needs, how a policy decides, and what would be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.functions.model import Call

PolicyDocument = Mapping[str, Any]
Statement = Mapping[str, Any]


@dataclass(frozen=True)
class RoleCall:
    """A call as it was made: by whom ("function usage-list-objects") and as which role."""

    role_arn: str
    caller: str
    call: Call


@dataclass(frozen=True)
class Need:
    """One permission that a call takes: `Need("s3:ListBucket", "arn:aws:s3:::photos")`.

    `resource` is None when it is not known which resource the action is checked against; then a statement
    that allows the action on any resource will do. `context` are condition keys that only this call has.
    """

    action: str
    resource: str | None
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """Whether a need is met, and the statement that decided (None: none matched, which is a refusal).

    `notes` say of the statements about the action why they do not match: another resource, or a condition
    that could not be evaluated.
    """

    allowed: bool
    statement: Statement | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Denial:
    """A permission that calls needed and that their role does not have.

    `resources` are all those that the action was refused on, in the order of the calls (empty when they
    are not known). `reason` is one line; `statement` the policy statement that is missing, as YAML for the
    template, or empty when a Deny statement refuses and adding one would not help.
    """

    role_arn: str
    action: str
    resources: tuple[str, ...]
    callers: tuple[str, ...]
    reason: str
    statement: str

    @property
    def role(self) -> str:
        """The role's name."""
        return self.role_arn.rsplit("/", 1)[-1]
