"""ARNs and names: made and checked as Step Functions does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from harness.quotas import STATES_NAME_FORBIDDEN, STATES_NAME_LENGTH
from harness.stepfunctions.errors import ApiError

_FORBIDDEN: Final = re.compile(STATES_NAME_FORBIDDEN)
_PARTITION: Final = r"arn:aws[\w-]*"
_ROLE: Final = re.compile(rf"{_PARTITION}:iam::\d{{12}}:role/[\w+=,.@/-]+")
_STATES: Final = re.compile(rf"{_PARTITION}:states:[a-z0-9-]+:\d{{12}}:(\w+):(.+)")


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of the API: the account and the region that the request was signed for."""

    account_id: str
    region: str

    def arn(self, kind: str, *names: str) -> str:
        """Make an ARN of the caller's account and region.

        >>> Caller("123456789012", "us-east-1").arn("stateMachine", "report")
        'arn:aws:states:us-east-1:123456789012:stateMachine:report'
        """
        return ":".join([self._head, kind, *names])

    def owns(self, arn: str) -> bool:
        """Tell if a thing of Step Functions belongs to this account and region."""
        return arn.startswith(f"{self._head}:")

    @property
    def _head(self) -> str:
        suffix = next((f"-{area}" for area in ("cn", "us-gov") if self.region.startswith(f"{area}-")), "")
        return f"arn:aws{suffix}:states:{self.region}:{self.account_id}"


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a machine or an execution.

    Raises:
        ApiError: InvalidName.
    """
    if not 0 < len(name) <= STATES_NAME_LENGTH or _FORBIDDEN.search(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")


def check_role(arn: str) -> None:
    """Refuse what is not the ARN of a role.

    Raises:
        ApiError: InvalidArn.
    """
    if not _ROLE.fullmatch(arn):
        raise ApiError("InvalidArn", f"Invalid Role Arn: '{arn}'")


def check_kind(arn: str, *kinds: str) -> None:
    """Refuse an ARN that is not of one of these kinds, e.g. `stateMachine`.

    Raises:
        ApiError: InvalidArn.
    """
    match = _STATES.fullmatch(arn)
    if not match:
        raise ApiError("InvalidArn", f"Invalid Arn: '{arn}'")
    if match[1] not in kinds:
        raise ApiError(
            "InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {match[1].lower()}'"
        )
