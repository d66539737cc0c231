"""create-message: all rows of the run -> subject and text of the message."""

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from usage_report import aws
from usage_report.message import compose
from usage_report.rows import Row, from_item
from usage_report.summary import summarise

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The environment variables of this function."""

    table: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """The settings in these environment variables."""
        return cls(environment["TABLE_NAME"])


def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """The message for `{"run_id": ..., "buckets": [<the names of all that had to be read>]}`.

    Gives `{"subject": ..., "message": ...}`.
    """
    settings = Settings.read(os.environ)
    run_id = event["run_id"]
    with aws.transient_errors():
        rows = rows_of_run(aws.client("dynamodb"), settings.table, run_id)
        summary = summarise(run_id, event["buckets"], rows)
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
    message = compose(summary)
    logger.info("message composed", extra={"run_id": run_id, "subject": message.subject})
    return {"subject": message.subject, "message": message.body}


def rows_of_run(dynamodb: "DynamoDBClient", table: str, run_id: str) -> Iterator[Row]:
    """The run's rows in the order of their keys, without what is kept under names that begin with "#"."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression="run_id = :run_id AND bucket_extension > :no_row",
        ExpressionAttributeValues={":run_id": {"S": run_id}, ":no_row": {"S": "/"}},
    )
    for page in pages:
        for item in page["Items"]:
            yield from_item(item)
