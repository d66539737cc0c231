"""Errors in resource properties are reported in CloudFormation's words."""

from __future__ import annotations

from typing import Any

import pytest

from harness.cloudformation.validation import invalid

TABLE = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
KEY = {"AttributeName": "id", "KeyType": "HASH"}
CASES: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    "nothing": ("AWS::DynamoDB::Table", {**TABLE, "KeySchema": [KEY]}, ()),
    "a scalar for another": ("AWS::SQS::Queue", {"DelaySeconds": "1", "FifoQueue": "true"}, ()),
    "a missing property": ("AWS::DynamoDB::Table", TABLE, ("#: required key [KeySchema] not found",)),
    "a missing one inside": (
        "AWS::DynamoDB::Table",
        {**TABLE, "KeySchema": [KEY, {"KeyType": "RANGE"}]},
        ("#/KeySchema/1: required key [AttributeName] not found",),
    ),
    "several": (
        "AWS::DynamoDB::Table",
        {"AttributeDefinitions": "id", "KeySchema": [[]]},
        (
            "#/AttributeDefinitions: expected type: JSONArray, found: String",
            "#/KeySchema/0: expected type: JSONObject, found: JSONArray",
        ),
    ),
    "a list for a text": (
        "AWS::SQS::Queue",
        {"QueueName": ["q"]},
        ("#/QueueName: expected type: String, found: JSONArray",),
    ),
    "a type without a schema": ("Custom::Mine", {"A": [None]}, ()),
}


@pytest.mark.parametrize(("kind", "properties", "says"), CASES.values(), ids=CASES)
def test_all_of_it_is_said(kind: str, properties: Any, says: tuple[str, ...]) -> None:
    assert invalid(kind, properties) == says
