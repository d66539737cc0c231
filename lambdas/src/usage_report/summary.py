"""Summarises a run: the rows of its table -> one summary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from usage_report.aggregate import EMPTY, Aggregate, total
from usage_report.rows import COUNTED, Row, is_status

NOT_STORED = "NOT STORED"


@dataclass(frozen=True)
class Unread:
    """A bucket that the numbers do not include, and the reason."""

    bucket: str
    status: str
    reason: str


@dataclass(frozen=True)
class Summary:
    """The numbers of the counted buckets, and the other buckets."""

    run_id: str
    extensions: dict[str, Aggregate]
    buckets: dict[str, Aggregate]
    unread: tuple[Unread, ...]

    @property
    def total(self) -> Aggregate:
        """The sum over all counted buckets."""
        return total(self.extensions.values())


def summarise(run_id: str, buckets: Sequence[str], rows: Iterable[Row]) -> Summary:
    """Summarize the run's rows, which are sorted by key: bucket by bucket.

    `buckets` are all buckets to read. A bucket without a status row counts as unread: its rows may be
    incomplete.
    """
    extensions: dict[str, Aggregate] = {}
    counted: dict[str, Aggregate] = {}
    unread: dict[str, Unread] = {}
    for bucket, group in groupby(rows, key=lambda row: str(row["bucket"])):
        status: Row | None = None
        aggregates: dict[str, Aggregate] = {}
        for row in group:
            if is_status(row):
                status = row
            else:
                aggregates[str(row["extension"])] = Aggregate(
                    int(row["object_count"]), int(row["total_bytes"])
                )
        if status is None:
            continue
        if status["status"] != COUNTED:
            unread[bucket] = Unread(bucket, str(status["status"]), str(status.get("reason", "")))
            continue
        counted[bucket] = total(aggregates.values())
        for extension, aggregate in aggregates.items():
            extensions[extension] = extensions.get(extension, EMPTY).plus(aggregate)
    for bucket in buckets:
        if bucket not in counted and bucket not in unread:
            unread[bucket] = Unread(bucket, NOT_STORED, "its numbers could not be written to the table")
    return Summary(run_id, extensions, counted, tuple(unread[bucket] for bucket in sorted(unread)))
