"""The Resource of a Task state, split into its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Resource:
    """The resource that a Task calls.

    Attributes:
        arn: the text in the definition.
        type: for service integrations, e.g. `lambda` or `aws-sdk:s3`; empty for a function ARN.
        name: for service integrations, e.g. `invoke` or `startExecution.sync:2`.
    """

    arn: str
    type: str
    name: str

    @classmethod
    def of(cls, arn: str) -> Resource:
        """Split an ARN.

        >>> Resource.of("arn:aws:states:::aws-sdk:s3:listObjects").type
        'aws-sdk:s3'
        """
        return _parse(arn)

    @property
    def is_function(self) -> bool:
        """True for the ARN of a Lambda function, which has its own event types."""
        return not self.type

    @property
    def is_activity(self) -> bool:
        """True for the ARN of an activity."""
        return not self.type and ":activity:" in self.arn

    @property
    def action(self) -> str:
        """The name without the integration pattern, e.g. `startExecution`."""
        return self.name.partition(".")[0]

    @property
    def pattern(self) -> str:
        """The integration pattern, e.g. `sync:2`. Empty for request-response."""
        return self.name.partition(".")[2]

    @property
    def waits_for_token(self) -> bool:
        """True if the task waits for its task token."""
        return self.name.endswith(".waitForTaskToken")

    @property
    def shown_name(self) -> str:
        """The name that AWS uses for the resource in error causes."""
        return self.type or self.arn


_INTEGRATION = re.compile(r"arn:aws[\w-]*:states:[\w-]*:\d*:(.+)", re.DOTALL)


@lru_cache(maxsize=1024)
def _parse(arn: str) -> Resource:
    """Split an ARN. Ignore an integration's Region and account: AWS accepts the ARN with and without them."""
    match = _INTEGRATION.fullmatch(arn)
    if match is None or match[1].startswith("activity:"):
        return Resource(arn, "", "")
    *type_parts, name = _split_name(match[1])
    return Resource(arn, ":".join(type_parts), name)


def _split_name(text: str) -> list[str]:
    """Keep `startExecution.sync:2` as one name, although it contains a colon."""
    if text.endswith(".sync:2"):
        return [*text.removesuffix(":2").split(":")[:-1], text.removesuffix(":2").split(":")[-1] + ":2"]
    return text.split(":")
