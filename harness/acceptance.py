"""Findings that a project accepts: entries of `[[tool.harness.accept]]`.

[[tool.harness.accept]]
role = "ReportRole"                  # a logical ID; * and ? as in IAM
action = "logs:CreateLogStream"
resource = "*"                       # an ARN, or its name in the template; default: "*"
reason = "its log group is created by another team's stack"

[[tool.harness.accept]]
limit = "states-history"             # the limit's name
reason = "the tested run is longer than any real one"

[[tool.harness.accept]]
rule = "data-loss-replaced"          # a gate rule's ID, which may contain * and ?
subject = "Table"                    # the subject of the finding, as the gate prints it
reason = "its rows are copied manually beforehand"
until = 2027-01-31                   # the last day of acceptance; allowed in all three kinds of entry
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Acceptance:
    """An accepted finding for a permission (`role` and `action`), a limit, or a rule.

    `role`, `action`, `resource`, `rule` and `subject` are patterns with `*` and `?`. `until` is the last day
    on which the finding is accepted, or None if it never expires. `file` is the pyproject.toml or the
    baseline that contains the entry. `index` is the entry's position in the file, counted from 0.
    """

    reason: str
    role: str = ""
    action: str = ""
    resource: str = "*"
    limit: str = ""
    rule: str = ""
    subject: str = ""
    until: date | None = None
    file: Path = Path("pyproject.toml")
    index: int = 0

    @property
    def about(self) -> str:
        """Return the finding as text: `ReportRole: logs:CreateLogStream on *`, a limit's name, `rule:
        subject`.
        """
        if self.rule:
            return f"{self.rule}: {self.subject}"
        return self.limit or f"{self.role}: {self.action} on {self.resource}"

    def __str__(self) -> str:
        return f"{self.about} ({self.reason})"

    def fits(self, rule: str, subject: str) -> bool:
        """Return whether this entry accepts a gate finding."""
        return bool(self.rule) and like(self.rule, rule) and like(self.subject, subject)


def like(pattern: str, text: str) -> bool:
    """Return whether a string matches a pattern. `*` matches any characters and `?` matches one.

    >>> like("sweep-*", "sweep-invariant"), like("a[b]", "ab")
    (True, False)
    """
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.compile("".join({r"\*": ".*", r"\?": "."}.get(part, part) for part in parts), re.DOTALL)


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
"""Names of all limits in `harness.limits.table`."""
