"""ARNs and names, created and checked like those in Step Functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harness.quotas import STATES_NAME_FORBIDDEN
from harness.regions import partition_of
from harness.stepfunctions.errors import ApiError

_FORBIDDEN: Final = re.compile(STATES_NAME_FORBIDDEN)
_PARTITION: Final = r"arn:aws[\w-]*"
_ROLE: Final = re.compile(rf"{_PARTITION}:iam::\d{{12}}:role/[\w+=,.@/-]+")
_STATES: Final = re.compile(rf"{_PARTITION}:states:[a-z0-9-]+:\d{{12}}:(\w+):(.+)")


@dataclass(frozen=True, slots=True)
class Caller:
    """The API caller: the account and the Region for which the request was signed."""

    account_id: str
    region: str

    @classmethod
    def owner_of(cls, arn: str) -> Caller:
        """Return the account and the Region in an ARN.

        >>> Caller.owner_of("arn:aws:states:us-east-1:123456789012:execution:report:1").account_id
        '123456789012'
        """
        _, _, _, region, account_id, *_ = [*arn.split(":"), "", "", "", "", ""]
        return cls(account_id, region)

    def arn(self, kind: str, *names: str) -> str:
        """Return an ARN in the caller's account and Region.

        >>> Caller("123456789012", "us-east-1").arn("stateMachine", "report")
        'arn:aws:states:us-east-1:123456789012:stateMachine:report'
        """
        return ":".join([self._head, kind, *names])

    def owns(self, arn: str) -> bool:
        """Return whether a Step Functions resource belongs to this account and Region."""
        return arn.startswith(f"{self._head}:")

    @property
    def _head(self) -> str:
        return f"arn:{partition_of(self.region)}:states:{self.region}:{self.account_id}"


def unqualified(arn: str) -> str:
    """Return a machine's ARN without its version or alias.

    >>> unqualified("arn:aws:states:us-east-1:123456789012:stateMachine:report:1")
    'arn:aws:states:us-east-1:123456789012:stateMachine:report'
    """
    return ":".join(arn.split(":")[:7])


def machine_of(execution_arn: str) -> str:
    """Return the ARN of the machine to which a standard or Express execution belongs.

    >>> machine_of("arn:aws:states:us-east-1:123456789012:express:report:one:0f3c")
    'arn:aws:states:us-east-1:123456789012:stateMachine:report'
    """
    head = execution_arn.split(":")[:7]
    return ":".join([*head[:5], "stateMachine", *head[6:]])


def check_name(name: str) -> None:
    """Reject characters that are not allowed in the name of a machine or an execution.

    Raises:
        ApiError: InvalidName.
    """
    if _FORBIDDEN.search(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")


def check_role(arn: str) -> None:
    """Reject a value that is not a role ARN.

    Raises:
        ApiError: InvalidArn.
    """
    if not _ROLE.fullmatch(arn):
        raise ApiError("InvalidArn", f"Invalid Role Arn: '{arn}'")


def check_kind(arn: str, *kinds: str) -> None:
    """Reject an ARN that is not one of these kinds, e.g. `stateMachine`.

    Raises:
        ApiError: InvalidArn; ValidationException for the ARN of a distributed Map, which is never accepted.
    """
    match = _STATES.fullmatch(arn)
    if not match:
        why = arn if arn.startswith("arn:") else f"Invalid ARN prefix: {arn}"
        raise ApiError("InvalidArn", f"Invalid Arn: '{why}'")
    if match[1] not in kinds:
        raise ApiError(
            "InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {match[1].lower()}'"
        )
    if match[1] == "stateMachine" and "/" in match[2]:
        raise ApiError("ValidationException", f"The ARN is qualified by the label of a Map state: '{arn}'")
