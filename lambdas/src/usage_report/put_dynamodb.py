"""put-dynamodb: the outcome of one bucket -> its rows in the table, the status row last."""

import logging
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from usage_report import aws
from usage_report.errors import Transient
from usage_report.rows import Row, rows_of, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH = 25  # maximum of BatchWriteItem
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 5.0
RESERVE_S = 10.0  # reserved for the response
DAY_S = 86_400

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The environment variables of this function."""

    table: str
    retention_days: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings in these environment variables."""
        return cls(environment["TABLE_NAME"], int(environment["ROW_RETENTION_DAYS"]))


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Write the rows for `{"bucket": ..., "run_id": ..., "counted": ...}`; for `counted` see `rows_of`."""
    settings = Settings.read(os.environ)
    run_id, bucket = event["run_id"], event["bucket"]
    expires_at = int(time.time()) + settings.retention_days * DAY_S
    rows, status = rows_of(run_id, bucket, event["counted"], expires_at)
    backoff = Backoff(lambda: context.get_remaining_time_in_millis() / 1000)
    with aws.transient_errors():
        dynamodb = aws.client("dynamodb")
        write(dynamodb, settings.table, rows, backoff)
        write(dynamodb, settings.table, [status], backoff)
    written = len(rows) + 1
    logger.info(
        "rows written",
        extra={"run_id": run_id, "bucket": bucket, "status": status["status"], "rows": written},
    )
    return {"rows": written}


@dataclass(frozen=True)
class Backoff:
    """Pauses of increasing length with full jitter, while the time allows."""

    time_left_s: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform

    def pause(self, attempt: int, waiting: int) -> None:
        """Sleep after the given attempt (from 0), before `waiting` rows are sent again.

        Raises:
            Transient: if the function's time does not allow it.
        """
        pause_s = self.uniform(0, min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt))
        if self.time_left_s() < pause_s + RESERVE_S:
            raise Transient(f"DynamoDB left {waiting} rows unprocessed until the function's time ended")
        self.sleep(pause_s)


def write(dynamodb: "DynamoDBClient", table: str, rows: Sequence[Row], backoff: Backoff) -> None:
    """Put the rows (with unique keys), 25 at a time, and retry unprocessed ones.

    Raises:
        Transient: if DynamoDB has not accepted all of them when the time is up.
    """
    for start in range(0, len(rows), BATCH):
        waiting: Sequence[Any] = [
            {"PutRequest": {"Item": to_item(row)}} for row in rows[start : start + BATCH]
        ]
        attempt = 0
        while waiting:
            response = dynamodb.batch_write_item(RequestItems={table: waiting})
            waiting = response.get("UnprocessedItems", {}).get(table, [])
            if waiting:
                backoff.pause(attempt, len(waiting))
                attempt += 1
