"""create-message: all rows of the run -> subject and text of the message."""

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from usage_report import aws, manifest
from usage_report.about import About, Selected
from usage_report.manifest import ManifestIncomplete
from usage_report.message import compose
from usage_report.origin import Origin
from usage_report.rows import Row, from_item
from usage_report.summary import summarise
from usage_report.table import KEPT, items_of_run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The environment variables of this function."""

    stack: str
    table: str
    retention_days: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings in these environment variables."""
        return cls(
            environment["STACK_NAME"], environment["TABLE_NAME"], int(environment["ROW_RETENTION_DAYS"])
        )


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Return the message for the event from the report machine.

        {"run_id": "run-1", "buckets": [<the names of all buckets to read>],
         "started": "2026-11-27T07:17:39.123Z",
         "selected": {"include": "logs-*", "exclude": "", "account_buckets": 4}}

    Without `buckets`, the names are in the run's manifest. The result is `{"subject": ..., "message": ...}`.

    Raises:
        ManifestIncomplete: if the names of the buckets are lost.
    """
    settings = Settings.read(os.environ)
    run_id = event["run_id"]
    with aws.transient_errors():
        dynamodb = aws.client("dynamodb")
        buckets = event["buckets"] if "buckets" in event else kept_names(dynamodb, settings.table, run_id)
        summary = summarise(run_id, buckets, rows_of_run(dynamodb, settings.table, run_id))
    for unread in summary.unread:
        logger.warning(
            "bucket not in the report",
            extra={
                "run_id": run_id,
                "bucket": unread.bucket,
                "status": unread.status,
                "reason": unread.reason,
            },
        )
    message = compose(summary, about(event, context.invoked_function_arn, settings))
    logger.info("message composed", extra={"run_id": run_id, "subject": message.subject})
    return {"subject": message.subject, "message": message.body}


def about(event: Mapping[str, Any], function_arn: str, settings: Settings) -> About:
    """Return the facts about the run in addition to its rows. The run's end is the current time."""
    return About(
        Origin.of(function_arn, settings.stack),
        event["run_id"],
        Selected.read(event["selected"]),
        datetime.fromisoformat(event["started"]),
        datetime.now(UTC),
        settings.table,
        settings.retention_days,
    )


def kept_names(dynamodb: "DynamoDBClient", table: str, run_id: str) -> list[str]:
    """Return the names in the run's manifest.

    Raises:
        ManifestIncomplete: if there is no manifest, or names are missing.
    """
    kept = manifest.find(dynamodb, table, run_id)
    if kept is None:
        raise ManifestIncomplete(manifest.lost(run_id, table))
    return kept.buckets


def rows_of_run(dynamodb: "DynamoDBClient", table: str, run_id: str) -> Iterator[Row]:
    """Return the run's rows, sorted by key. Data about a run precedes them, under "#..."."""
    for item in items_of_run(dynamodb, table, run_id, "bucket_extension > :key", KEPT):
        yield from_item(item)
