"""Reads the items of a run in the table: rows of buckets, and other data about the run."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Keys of other data about a run begin with "#". Names of buckets begin with nothing that sorts before "$".
KEPT = "$"


def items_of_run(
    dynamodb: "DynamoDBClient", table: str, run_id: str, condition: str, key: str
) -> Iterator[dict[str, Any]]:
    """Return the run's items whose sort key meets a condition on `:key`, sorted by key."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression=f"run_id = :run_id AND {condition}",
        ExpressionAttributeValues={":run_id": {"S": run_id}, ":key": {"S": key}},
    )
    for page in pages:
        yield from page["Items"]
