"""list-objects: one bucket -> objects and bytes per extension, or why they could not be counted.

A bucket that takes longer than the function's timeout is listed in several invocations. Each stores its
progress and raises MoreKeys, so that the state machine invokes the function again.
"""

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError

from usage_report import aws
from usage_report.aggregate import fold_to_fit, total
from usage_report.errors import MoreKeys
from usage_report.lanes import NOTHING, Lanes, Listed
from usage_report.pages import read_fast
from usage_report.progress import Progress
from usage_report.ranges import FIRST_PAGES
from usage_report.reason import shortened

# AWS rejects task results over 262,144 bytes, and put-dynamodb's input wraps this result.
MAX_EXTENSIONS_BYTES = 250_000
# Enough for one slow page with botocore's retries, to store the progress, and to return.
RESERVE_MS = 60_000
# Longer than any run; after that, stored progress is useless.
PROGRESS_S = 2 * 86_400
_STATUS_OF_ERROR = {
    "AccessDenied": "DENIED",
    "AccountProblem": "DENIED",
    "AllAccessDisabled": "DENIED",
    "NoSuchBucket": "DELETED",
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The environment variables of this function."""

    table: str
    lanes: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings in these environment variables."""
        return cls(environment["TABLE_NAME"], int(environment["LISTING_LANES"]))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the outcome for `{"bucket": "photos", "run_id": "...", "state": {"RetryCount": 0}}`.

    See `outcome_of` for its format.

    `state` comes from the state machine's context object: only a retry can have progress to continue from.

    Raises:
        MoreKeys: the function's time ends before the listing, or AWS returned a temporary error after many
            pages; the progress is stored.
        Transient: AWS returned a temporary error, and there is little progress to store.
    """
    settings = Settings.read(os.environ)
    run_id, bucket = event["run_id"], event["bucket"]
    kept = Progress(settings.table, run_id, bucket, int(time.time()) + PROGRESS_S)
    logged = {"run_id": run_id, "bucket": bucket}
    with aws.transient_errors():
        version, before = kept.load() if event["state"]["RetryCount"] else (0, NOTHING)
        s3 = read_fast(aws.client("s3", settings.lanes))
        lanes = Lanes(s3, bucket, settings.lanes, lambda: context.get_remaining_time_in_millis() < RESERVE_MS)
        listed, error = lanes.list(before)
        outcome = outcome_of(listed, error)
        if outcome is None:
            if error is not None and listed.pages - before.pages < FIRST_PAGES:
                raise error
            kept.save(listed, version)
            logger.info("bucket read in part", extra={**logged, "pages": listed.pages})
            why = f" ({error})" if error else ""
            raise MoreKeys(f"{listed.pages:,} pages of {bucket} were listed, and there are more{why}")
    logger.info("bucket read", extra={**logged, **_summary(outcome)})
    return outcome


def outcome_of(listed: Listed, error: Exception | None) -> dict[str, Any] | None:
    """Return the outcome in put-dynamodb's format; None if the bucket must be listed further.

        {"status": "COUNTED", "extensions": {".jpg": [2, 4096]}, "object_count": 2, "total_bytes": 4096}
        {"status": "DENIED", "reason": "AccessDenied: Access Denied"}

    Problems that a retry cannot solve are values: DENIED, DELETED (no such bucket, also if it is deleted
    during the listing), and FAILED for the rest. Errors that are not AWS responses are raised.
    """
    if error is None:
        return None if listed.left else _counted(listed)
    if aws.may_pass(error):
        return None
    if not isinstance(error, ClientError):
        raise error
    code = aws.error_code(error)
    reason = shortened(f"{code}: {aws.error_message(error)}")
    return {"status": _STATUS_OF_ERROR.get(code, "FAILED"), "reason": reason}


def _counted(listed: Listed) -> dict[str, Any]:
    everything = total(listed.aggregates.values())
    return {
        "status": "COUNTED",
        # Lists: Lambda's runtime would serialize a named tuple as an object.
        "extensions": {e: list(a) for e, a in fold_to_fit(listed.aggregates, MAX_EXTENSIONS_BYTES).items()},
        "object_count": everything.object_count,
        "total_bytes": everything.total_bytes,
    }


def _summary(outcome: dict[str, Any]) -> dict[str, Any]:
    logged = {key: outcome[key] for key in outcome.keys() - {"extensions"}}
    return {**logged, "extension_count": len(outcome.get("extensions", ()))}
