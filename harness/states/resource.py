"""The Resource of a Task state, taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Resource:
    """The callee of a Task.

    Attributes:
        arn: the text in the definition.
        type: for service integrations e.g. `lambda`, `aws-sdk:s3`; empty for a function's own ARN.
        name: for service integrations e.g. `invoke`, `startExecution.sync:2`.
    """

    arn: str
    type: str
    name: str

    @classmethod
    def of(cls, arn: str) -> Resource:
        """Take an ARN apart.

        >>> Resource.of("arn:aws:states:::aws-sdk:s3:listObjects").type
        'aws-sdk:s3'
        """
        return _parse(arn)

    @property
    def is_function(self) -> bool:
        """True of the ARN of a Lambda function, which has events of its own."""
        return not self.type

    @property
    def is_activity(self) -> bool:
        """True of the ARN of an activity."""
        return not self.type and ":activity:" in self.arn

    @property
    def action(self) -> str:
        """The name without the pattern: `startExecution`."""
        return self.name.partition(".")[0]

    @property
    def pattern(self) -> str:
        """The integration pattern: `sync:2`; empty for a request and its response."""
        return self.name.partition(".")[2]

    @property
    def waits_for_token(self) -> bool:
        """True when the task ends with its token."""
        return self.name.endswith(".waitForTaskToken")

    @property
    def shown_name(self) -> str:
        """The name that AWS gives it in causes."""
        return self.type or self.arn


_INTEGRATION = re.compile(r"arn:aws[\w-]*:states:[\w-]*:\d*:(.+)", re.DOTALL)


@lru_cache(maxsize=1024)
def _parse(arn: str) -> Resource:
    """Take an ARN apart. The region and the account of an integration say nothing: AWS takes both forms."""
    match = _INTEGRATION.fullmatch(arn)
    if match is None or match[1].startswith("activity:"):
        return Resource(arn, "", "")
    *type_parts, name = _split_name(match[1])
    return Resource(arn, ":".join(type_parts), name)


def _split_name(text: str) -> list[str]:
    """`states:startExecution.sync:2` ends in one name although it holds a colon."""
    if text.endswith(".sync:2"):
        return [*text.removesuffix(":2").split(":")[:-1], text.removesuffix(":2").split(":")[-1] + ":2"]
    return text.split(":")
