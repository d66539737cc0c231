"""Reads the items that the table has of a run: rows of buckets, and what is kept beside them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Keys of what is kept about a run begin with "#", the names of buckets with nothing that sorts before "$".
KEPT = "$"


def items_of_run(
    dynamodb: "DynamoDBClient", table: str, run_id: str, condition: str, key: str
) -> Iterator[dict[str, Any]]:
    """The run's items whose sort key meets a condition on `:key`, in the order of their keys."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression=f"run_id = :run_id AND {condition}",
        ExpressionAttributeValues={":run_id": {"S": run_id}, ":key": {"S": key}},
    )
    for page in pages:
        yield from page["Items"]
