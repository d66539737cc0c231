"""list-objects: one bucket -> objects and bytes per extension, or why they could not be counted."""

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from usage_report import aws
from usage_report.aggregate import by_extension, fold_to_fit, total
from usage_report.reason import shortened

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# AWS refuses task results over 262,144 bytes, and put-dynamodb's input wraps this result.
MAX_EXTENSIONS_BYTES = 250_000
# Enough for one slow page with botocore's retries, and to answer.
RESERVE_MS = 60_000
_STATUS_OF_ERROR = {
    "AccessDenied": "DENIED",
    "AccountProblem": "DENIED",
    "AllAccessDisabled": "DENIED",
    "NoSuchBucket": "DELETED",
}

logger = logging.getLogger(__name__)


class OutOfTime(Exception):
    """The function's time ends before the listing does."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The outcome for `{"bucket": "photos", "run_id": "..."}`, see `count_bucket`."""
    bucket = event["bucket"]
    with aws.transient_errors():
        outcome = count_bucket(aws.client("s3"), bucket, context.get_remaining_time_in_millis)
    logger.info("bucket read", extra={"run_id": event["run_id"], "bucket": bucket, **_summary(outcome)})
    return outcome


def count_bucket(s3: "S3Client", bucket: str, time_left_ms: Callable[[], int]) -> dict[str, Any]:
    """Count the content of the bucket, as put-dynamodb takes it.

        {"status": "COUNTED", "extensions": {".jpg": [2, 4096]}, "object_count": 2, "total_bytes": 4096}
        {"status": "DENIED", "reason": "AccessDenied: Access Denied"}

    Problems that retrying cannot solve are values: DENIED, DELETED (no such bucket, also when it goes while
    it is being listed), and FAILED for the rest, such as more objects than can be listed in the function's
    time.

    Raises:
        ClientError: what may succeed later.
    """
    try:
        aggregates = by_extension(_objects(s3, bucket, time_left_ms))
    except OutOfTime as error:
        return {"status": "FAILED", "reason": str(error)}
    except ClientError as error:
        if aws.is_transient(error):
            raise
        code = aws.error_code(error)
        reason = shortened(f"{code}: {aws.error_message(error)}")
        return {"status": _STATUS_OF_ERROR.get(code, "FAILED"), "reason": reason}
    everything = total(aggregates.values())
    return {
        "status": "COUNTED",
        # Lists: Lambda's runtime would answer a named tuple as an object.
        "extensions": {e: list(a) for e, a in fold_to_fit(aggregates, MAX_EXTENSIONS_BYTES).items()},
        "object_count": everything.object_count,
        "total_bytes": everything.total_bytes,
    }


def _objects(s3: "S3Client", bucket: str, time_left_ms: Callable[[], int]) -> Iterator[tuple[str, int]]:
    seen = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):  # an empty bucket has no Contents
            seen += 1
            yield entry["Key"], entry["Size"]
        if page["IsTruncated"] and time_left_ms() < RESERVE_MS:
            raise OutOfTime(f"too many objects to list in the function's time; {seen:,} were seen")


def _summary(outcome: dict[str, Any]) -> dict[str, Any]:
    logged = {key: outcome[key] for key in outcome.keys() - {"extensions"}}
    return {**logged, "extension_count": len(outcome.get("extensions", ()))}
