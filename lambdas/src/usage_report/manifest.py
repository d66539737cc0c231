"""The manifest: the names of a run's buckets in the table, if there are too many for one machine.

    run_id  bucket_extension          names       digest        bucket_count  expires_at   (and `selected`)
    run-1   #buckets                              9f86d081884c  2500          1790000000
    run-1   #buckets/9f86d081884c/0   aa bb cc                                1790000000
    run-1   #buckets/9f86d081884c/1   dd ee ff                                1790000000

The item "#buckets" is written last, and only if it does not exist: if a run has several attempts, the
first to write it decides. The names of an attempt are under its own digest, so that no other attempt
overwrites them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from usage_report import aws
from usage_report.table import items_of_run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY = "#buckets"
# Names have up to 63 characters (old buckets of the first region up to 255), and an item has at most 409,600
# bytes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
NAMES_AN_ITEM = 1_500
_DIGEST_CHARACTERS = 12


class ManifestIncomplete(Exception):
    """The table has lost names of a run's buckets, so the buckets to read are unknown."""


@dataclass(frozen=True)
class Manifest:
    """The names of a run's buckets, sorted; `adopted` from an earlier attempt, or written by this one.

    `selected` is the input of `about.Selected.read`: the patterns with which that attempt selected them.
    """

    buckets: list[str]
    adopted: bool
    selected: Mapping[str, Any]


def keep(
    dynamodb: "DynamoDBClient",
    table: str,
    run_id: str,
    buckets: Sequence[str],
    selected: Mapping[str, Any],
    expires_at: int,
) -> Manifest:
    """Write the manifest with these buckets, or return the one that an earlier attempt wrote.

    Raises:
        ManifestIncomplete: see `find`.
    """
    digest = hashlib.sha256("\n".join(buckets).encode()).hexdigest()[:_DIGEST_CHARACTERS]
    common = {"run_id": {"S": run_id}, "expires_at": {"N": str(expires_at)}}
    for number, start in enumerate(range(0, len(buckets), NAMES_AN_ITEM)):
        key = f"{KEY}/{digest}/{number}"
        names = " ".join(buckets[start : start + NAMES_AN_ITEM])
        item: Any = {**common, "bucket_extension": {"S": key}, "names": {"S": names}}
        dynamodb.put_item(TableName=table, Item=item)
    head: Any = {
        **common,
        "bucket_extension": {"S": KEY},
        "digest": {"S": digest},
        "bucket_count": {"N": str(len(buckets))},
        "selected": {"S": json.dumps(selected)},
    }
    try:
        dynamodb.put_item(
            TableName=table, Item=head, ConditionExpression="attribute_not_exists(bucket_extension)"
        )
    except ClientError as error:
        if aws.error_code(error) != "ConditionalCheckFailedException":
            raise
        found = find(dynamodb, table, run_id)
        if found is None:
            raise ManifestIncomplete(lost(run_id, table)) from error
        return found
    return Manifest(list(buckets), adopted=False, selected=selected)


def find(dynamodb: "DynamoDBClient", table: str, run_id: str) -> Manifest | None:
    """Return the manifest that an attempt of the run wrote; None if there is none.

    Raises:
        ManifestIncomplete: if its names differ from the written ones.
    """
    found = items_of_run(dynamodb, table, run_id, "begins_with(bucket_extension, :key)", KEY)
    items = {item["bucket_extension"]["S"]: item for item in found}
    head = items.get(KEY)
    if head is None:
        return None
    count = int(head["bucket_count"]["N"])
    keys = [f"{KEY}/{head['digest']['S']}/{number}" for number in range(-(-count // NAMES_AN_ITEM))]
    buckets = [name for key in keys if key in items for name in items[key]["names"]["S"].split()]
    if len(buckets) != count:
        raise ManifestIncomplete(lost(run_id, table))
    return Manifest(buckets, adopted=True, selected=json.loads(head["selected"]["S"]))


def lost(run_id: str, table: str) -> str:
    """Return the message of ManifestIncomplete."""
    return (
        f"the table {table} no longer has the names of all buckets of run {run_id} "
        f'(its items "{KEY}..."): start a new run'
    )
