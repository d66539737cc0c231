"""A DynamoDB table for tests, with the operations that the report needs between two invocations."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


class Table:
    """A DynamoDB client with one table. Supports the two conditions in `Progress`."""

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}

    def put_item(self, **asked: Any) -> None:
        item = asked["Item"]
        name = item["bucket_extension"]["S"]
        there = self.items.get(name)
        condition = asked.get("ConditionExpression")
        if condition == "attribute_not_exists(run_id)":
            fits = there is None
        elif condition == "version = :before":
            fits = there is not None and there["version"] == asked["ExpressionAttributeValues"][":before"]
        else:
            assert condition is None
            fits = True
        if not fits:
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self.items[name] = item

    def get_item(self, **asked: Any) -> dict[str, Any]:
        assert asked["ConsistentRead"] is True
        found = self.items.get(asked["Key"]["bucket_extension"]["S"])
        return {"Item": found} if found else {}
