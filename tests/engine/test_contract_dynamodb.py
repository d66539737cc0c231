"""A table, written and read like the report does."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Lab

from harness.observe.tables import table_keys, tables
from harness.stack.model import Stack

TEMPLATE = {
    "Resources": {
        "Rows": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": "run", "AttributeType": "S"},
                    {"AttributeName": "row", "AttributeType": "S"},
                ],
                "KeySchema": [
                    {"AttributeName": "run", "KeyType": "HASH"},
                    {"AttributeName": "row", "KeyType": "RANGE"},
                ],
            },
        }
    }
}


@pytest.fixture(scope="module")
def stack(lab: Lab) -> Stack:
    return lab.deploy(TEMPLATE, {})


@pytest.fixture(scope="module")
def table(stack: Stack) -> str:
    return stack.resources["Rows"].physical_id


def puts(run: str, count: int, **attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"PutRequest": {"Item": {"run": {"S": run}, "row": {"S": f"photos/{n:03}"}, **attributes}}}
        for n in range(count)
    ]


def test_a_batch_of_25_items_is_written(lab: Lab, table: str) -> None:
    written = lab.clients.dynamodb.batch_write_item(RequestItems={table: puts("batch", 25)})  # type: ignore[dict-item]
    assert not written["UnprocessedItems"]


def test_a_batch_with_the_same_key_twice_is_refused(lab: Lab, table: str) -> None:
    with pytest.raises(ClientError, match="duplicates"):
        lab.clients.dynamodb.batch_write_item(RequestItems={table: puts("same", 1) * 2})  # type: ignore[dict-item]


def test_a_query_is_sorted_and_comes_in_pages(lab: Lab, table: str) -> None:
    for run in ("mine", "another"):
        lab.clients.dynamodb.batch_write_item(RequestItems={table: puts(run, 5)})  # type: ignore[dict-item]
    pages = list(
        lab.clients.dynamodb.get_paginator("query").paginate(
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="run = :run",
            ExpressionAttributeValues={":run": {"S": "mine"}},
            PaginationConfig={"PageSize": 2},
        )
    )
    rows = [[item["row"]["S"] for item in page["Items"]] for page in pages]
    assert [row for page in rows for row in page] == [f"photos/{n:03}" for n in range(5)]
    assert max(map(len, rows)) == 2
    assert pages[0]["LastEvaluatedKey"] == {"run": {"S": "mine"}, "row": {"S": "photos/001"}}
    assert "LastEvaluatedKey" not in pages[-1]


def test_a_page_of_a_query_ends_at_a_megabyte(lab: Lab, table: str) -> None:
    for item in puts("big", 3, text={"S": "x" * 390_000}):
        lab.clients.dynamodb.put_item(TableName=table, Item=item["PutRequest"]["Item"])
    query: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "run = :run",
        "ExpressionAttributeValues": {":run": {"S": "big"}},
    }
    first = lab.clients.dynamodb.query(**query)
    assert "LastEvaluatedKey" in first
    rest = lab.clients.dynamodb.query(**query, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert len(first["Items"]) + len(rest["Items"]) == 3


def test_numbers_come_back_whole(lab: Lab, stack: Stack, table: str) -> None:
    item = {"run": {"S": "numbers"}, "row": {"S": "a"}, "bytes": {"N": str(2**60 + 1)}, "share": {"N": "0.5"}}
    lab.clients.dynamodb.put_item(TableName=table, Item=item)  # type: ignore[arg-type]
    found = tables(lab.clients, {"Rows": table}, table_keys(lab.clients, [table]))["Rows"]
    (seen,) = [i for i in found if i["run"] == "numbers"]
    assert (seen["bytes"], type(seen["bytes"])) == (2**60 + 1, int)
    assert float(seen["share"]) == 0.5


def test_an_empty_key_is_refused(lab: Lab, table: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        lab.clients.dynamodb.put_item(TableName=table, Item={"run": {"S": "r"}, "row": {"S": ""}})


def test_a_table_tells_when_its_items_expire(lab: Lab, table: str) -> None:
    lab.clients.dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"AttributeName": "expires_at", "Enabled": True}
    )
    described = lab.clients.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert (described["TimeToLiveStatus"], described["AttributeName"]) == ("ENABLED", "expires_at")
