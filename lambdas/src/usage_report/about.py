"""Facts about a run for the reader, in addition to its numbers.

whose     account, region, stack
when      from the start of the report machine to the message
which     the patterns in force, and the number of buckets in the account
what      the objects that are counted, and those that are not
where     the table with all rows, and a command that reads them
"""

import json
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from usage_report.extension import FOLDER, NONE, OTHER
from usage_report.origin import Origin
from usage_report.table import KEPT

# ListObjectsV2 returns the current version of each object, and ListBuckets only general-purpose buckets:
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html and .../API_ListBuckets.html
_COUNTED = (
    "The report counts the current versions of all objects in general-purpose buckets, in every region."
)
_NOT_COUNTED = (
    "It does not count older versions, delete markers and the parts of unfinished uploads, although they "
    "cost money, too. It does not count directory buckets (S3 Express One Zone), table buckets and vector "
    "buckets."
)
_CLASSES = {
    FOLDER: "keys that end in / and stand for folders",
    NONE: "keys without an extension",
    OTHER: "extensions that are long, odd, or too many to be listed one by one",
}


@dataclass(frozen=True)
class Selected:
    """The patterns in force, each kind as one line ("" for none), and the account's number of buckets."""

    include: str
    exclude: str
    account_buckets: int

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Read `{"include": "logs-*", "exclude": "", "account_buckets": 4}` from the report machine."""
        return cls(given["include"], given["exclude"], given["account_buckets"])

    @property
    def by_patterns(self) -> bool:
        """Return whether there are any patterns."""
        return bool(self.include or self.exclude)

    @property
    def patterns(self) -> str:
        """The patterns as text: "include logs-*; exclude *-old"."""
        kinds = (("include", self.include), ("exclude", self.exclude))
        return "; ".join(f"{kind} {patterns}" for kind, patterns in kinds if patterns)


@dataclass(frozen=True)
class About:
    """Facts about a run. Its rows stay in the table for `retention_days`. The times are
    timezone-aware.
    """

    origin: Origin
    run_id: str
    selected: Selected
    started: datetime
    ended: datetime
    table: str
    retention_days: int


def counted_when(about: About) -> str:
    """Return the time of the count: "Counted on 2026-11-27 from 07:17:39 to 07:18:10 UTC."."""
    started, ended = about.started.astimezone(UTC), about.ended.astimezone(UTC)
    day = "" if started.date() == ended.date() else f"{ended:%Y-%m-%d} "
    return f"Counted on {started:%Y-%m-%d} from {started:%H:%M:%S} to {day}{ended:%H:%M:%S} UTC."


def what_is_counted(extensions: Collection[str]) -> list[str]:
    """Return lines about the objects that the numbers include and exclude.

    They explain the classes in parentheses that are among the extensions.
    """
    classes = [f"{name} stands for {words}." for name, words in _CLASSES.items() if name in extensions]
    units = "1 KiB is 1,024 bytes, 1 MiB is 1,024 KiB, and so on. Percentages are shares of the bytes."
    return ["What is counted", _COUNTED, _NOT_COUNTED, *([" ".join([units, *classes])] if extensions else [])]


def where_the_rest_is(about: About) -> list[str]:
    """Return lines about the table with all rows, and the command that reads this run's rows."""
    days = "1 day" if about.retention_days == 1 else f"{about.retention_days:,} days"
    return [
        "Where to find the details",
        f"The exact numbers of every bucket by extension are in the DynamoDB table {about.table} for {days}. "
        "To read them with the AWS CLI:",
        rows_command(about),
    ]


def rows_command(about: About) -> str:
    """Return the shell command that prints the run's rows, one per line, with tabs between values.

    Items whose key begins with "#" are data about a run, not rows.
    """
    values = json.dumps({":run": {"S": about.run_id}, ":rows": {"S": KEPT}})
    columns = ("bucket", "extension", "object_count", "total_bytes", "status", "reason")
    shown = ",".join(f"{name}.{'N' if name in ('object_count', 'total_bytes') else 'S'}" for name in columns)
    arguments = (
        *("aws", "dynamodb", "query", "--region", about.origin.region, "--table-name", about.table),
        *(
            "--key-condition-expression",
            "run_id = :run AND bucket_extension > :rows",
            "--expression-attribute-values",
            values,
        ),
        *("--query", f"Items[].[{shown}]", "--output", "text"),
    )
    return shlex.join(arguments)


def this_run(about: About) -> list[str]:
    """Return the run's and the stack's names on AWS."""
    return [
        "This run",
        f"Account: {about.origin.account}",
        f"Region: {about.origin.region} (of the stack and its table; buckets may be in any region)",
        f"Stack: {about.origin.stack}",
        f"Run id: {about.run_id}",
    ]
