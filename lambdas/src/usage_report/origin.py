"""The account, region and stack that a run belongs to."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Origin:
    """The origin of a run: an account of 12 digits, a region, and the name of a stack.

    The region is the stack's. The buckets may be in any region.
    """

    account: str
    region: str
    stack: str

    @classmethod
    def of(cls, arn: str, stack: str) -> Self:
        """Return the origin with account and region of an ARN of the stack, for example of a function.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
        """
        _, _, _, region, account, _ = arn.split(":", 5)
        return cls(account, region, stack)
