"""Findings that a project accepts: entries of `[[tool.harness.accept]]`.

[[tool.harness.accept]]
role = "ReportRole"                  # a logical id; * and ? as in IAM
action = "logs:CreateLogStream"
resource = "*"                       # an ARN, or what the template names it; "*" by default
reason = "its log group is made by another team's stack"

[[tool.harness.accept]]
limit = "states-history"             # the limit's name
reason = "the run that is tested is longer than any real one"
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Acceptance:
    """A finding that is no mismatch: of permissions with `role` and `action`, or of the limit `limit`.

    `role`, `action` and `resource` are patterns with `*` and `?`. `file` is the pyproject.toml that has it,
    `index` its place there, counted from 0.
    """

    reason: str
    role: str = ""
    action: str = ""
    resource: str = "*"
    limit: str = ""
    file: Path = Path("pyproject.toml")
    index: int = 0

    @property
    def subject(self) -> str:
        """The finding in words: `ReportRole: logs:CreateLogStream on *`, or the limit's name."""
        return self.limit or f"{self.role}: {self.action} on {self.resource}"

    def __str__(self) -> str:
        return f"{self.subject} ({self.reason})"


LIMITS = (
    "dynamodb-batch-get",
    "dynamodb-batch-write",
    "dynamodb-batch-write-keys",
    "dynamodb-batch-write-size",
    "dynamodb-empty-key",
    "dynamodb-item",
    "dynamodb-number",
    "dynamodb-partition-key",
    "dynamodb-sort-key",
    "dynamodb-transaction",
    "lambda-request",
    "lambda-response",
    "sns-batch",
    "sns-message",
    "sns-subject",
    "sns-subject-ascii",
    "sns-subject-empty",
    "sns-subject-start",
    "sns-subject-text",
    "sqs-message",
    "states-definition",
    "states-history",
    "states-name",
    "states-name-text",
    "states-payload",
    "states-request",
    "states-state-name",
)
"""The names of all limits; those of harness.limits.table, which knows AWS's numbers."""
