"""The progress of listing a large bucket, stored in the table between two invocations.

    run_id  bucket_extension             version  parts    count  state  expires_at
    run-1   #progress/photos             2        3f2a...  1             1790000000   the head
    run-1   #progress/photos/3f2a.../0                            ...    1790000000

No bucket's name begins with "#", so these are not rows of buckets. A state is complete: objects and bytes
of the listed part, and the ranges that are left. It counts once, because the head, which names its parts,
only replaces the head with which the invocation began. Parts are named by the digest of their state, so
that no part overwrites a different one. Parts that no head names expire.
"""

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from usage_report import aws
from usage_report.aggregate import Aggregate
from usage_report.lanes import NOTHING, Listed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# An item can have 400 KB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
PART_BYTES = 350_000
_DIGEST_CHARACTERS = 32


@dataclass(frozen=True)
class Progress:
    """The progress of one bucket in a run; `expires_at` is a Unix time in seconds."""

    table: str
    run_id: str
    bucket: str
    expires_at: int

    def load(self) -> tuple[int, Listed]:
        """Return the stored version, and its progress: 0 and no progress if there is none.

        The same applies if a part has expired and is gone: a run may be redriven days later.
        """
        head = self._get(self._name())
        if head is None:
            return 0, NOTHING
        version = int(head["version"]["N"])
        parts = [self._get(self._name(head["parts"]["S"], n)) for n in range(int(head["count"]["N"]))]
        if not all(parts):
            return version, NOTHING
        state = json.loads(zlib.decompress(b"".join(part["state"]["B"] for part in parts)))
        aggregates = {name: Aggregate(*counts) for name, counts in state["extensions"].items()}
        left = tuple((after, until) for after, until in state["left"])
        return version, Listed(aggregates, left, state["pages"])

    def save(self, listed: Listed, after: int) -> None:
        """Store the progress in place of version `after`.

        Store nothing if another invocation has already stored its progress, which then counts.
        """
        state = {"extensions": listed.aggregates, "left": listed.left, "pages": listed.pages}
        packed = zlib.compress(json.dumps(state).encode())
        digest = hashlib.sha256(packed).hexdigest()[:_DIGEST_CHARACTERS]
        starts = range(0, len(packed), PART_BYTES)
        for number, start in enumerate(starts):
            part = {"state": {"B": packed[start : start + PART_BYTES]}}
            self._dynamodb.put_item(TableName=self.table, Item=self._item(self._name(digest, number), part))
        head = {
            "version": {"N": str(after + 1)},
            "parts": {"S": digest},
            "count": {"N": str(len(starts))},
        }
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(run_id)"}
        if after:
            condition = {
                "ConditionExpression": "version = :before",
                "ExpressionAttributeValues": {":before": {"N": str(after)}},
            }
        try:
            self._dynamodb.put_item(TableName=self.table, Item=self._item(self._name(), head), **condition)
        except ClientError as error:
            if aws.error_code(error) != "ConditionalCheckFailedException":
                raise

    @property
    def _dynamodb(self) -> "DynamoDBClient":
        return cast("DynamoDBClient", aws.client("dynamodb"))

    def _name(self, *parts: object) -> str:
        return "/".join(["#progress", self.bucket, *map(str, parts)])

    def _item(self, name: str, attributes: dict[str, Any]) -> dict[str, Any]:
        key = {"run_id": {"S": self.run_id}, "bucket_extension": {"S": name}}
        return {**key, **attributes, "expires_at": {"N": str(self.expires_at)}}

    def _get(self, name: str) -> Any:
        key = {"run_id": {"S": self.run_id}, "bucket_extension": {"S": name}}
        return self._dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
