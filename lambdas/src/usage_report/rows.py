"""The rows of the table.

    run_id  bucket_extension   bucket  extension  object_count  total_bytes  status   reason  expires_at
    run-1   photos/#status     photos             3             4101         COUNTED          1790000000
    run-1   photos/.jpg        photos  .jpg       2             4096                          1790000000
    run-1   secret/#status     secret             0             0            DENIED   Acce... 1790000000

"/" cannot occur in a bucket's name, and "#" cannot begin an extension, so keys never collide. A bucket's
status row is written after its other rows: a bucket without it is incomplete.
"""

from collections.abc import Mapping
from typing import Any

from usage_report import aws
from usage_report.reason import shortened

Row = dict[str, str | int]
COUNTED = "COUNTED"
STATUS_KEY = "#status"


def rows_of(run_id: str, bucket: str, counted: Mapping[str, Any], expires_at: int) -> tuple[list[Row], Row]:
    """Return the bucket's rows and its status row, from list-objects' outcome or from its error.

    `counted` is the result of `list_objects.handler`, or `{"Error": ..., "Cause": ...}`.
    """
    if "Error" in counted:
        reason = f"{counted['Error']}: {aws.readable_cause(counted.get('Cause', ''))}"
        counted = {"status": "FAILED", "reason": shortened(reason)}

    def row(name: str, object_count: int, total_bytes: int) -> Row:
        return {
            "run_id": run_id,
            "bucket_extension": f"{bucket}/{name}",
            "bucket": bucket,
            "object_count": object_count,
            "total_bytes": total_bytes,
            "expires_at": expires_at,
        }

    extensions = counted.get("extensions", {}).items()
    rows = [row(name, *aggregate) | {"extension": name} for name, aggregate in extensions]
    status = row(STATUS_KEY, counted.get("object_count", 0), counted.get("total_bytes", 0))
    status["status"] = counted["status"]
    if "reason" in counted:
        status["reason"] = counted["reason"]
    return rows, status


def is_status(row: Row) -> bool:
    """Return whether the row is a bucket's status row."""
    return "extension" not in row


def to_item(row: Row) -> dict[str, Any]:
    """Return the row in DynamoDB's format: `{"bucket": {"S": "photos"}, "object_count": {"N": "2"}}`."""
    return {name: {"N": str(v)} if isinstance(v, int) else {"S": v} for name, v in row.items()}


def from_item(item: Mapping[str, Any]) -> Row:
    """Return the row from which `to_item` created the item."""
    return {name: int(v["N"]) if "N" in v else v["S"] for name, v in item.items()}
