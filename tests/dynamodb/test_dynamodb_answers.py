"""DynamoDB responses, the same as from AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from secondary_index import index

from harness.engine.moto.engine import MotoEngine

X = {"S": "x"}
FIRST = {"pk": X, "sk": {"S": "1"}}


@pytest.fixture
def db(client: Any) -> Iterator[Any]:
    """The tables, emptied."""
    yield client
    for name, key in {"hash": ["pk"], "pair": ["pk", "sk"]}.items():
        for item in client.scan(TableName=name)["Items"]:
            client.delete_item(TableName=name, Key={part: item[part] for part in key})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("00042", "42"),
        ("-0", "0"),
        ("1.0", "1"),
        ("1.5E2", "150"),
        ("+7", "7"),
        (".5", "0.5"),
        ("1" * 38, "1" * 38),
        ("1E-130", "0." + "0" * 129 + "1"),
        ("9.9999999999999999999999999999999999999E+125", "9" * 38 + "0" * 88),
    ],
)
def test_numbers_are_kept_plain(db: Any, given: str, kept: str) -> None:
    db.put_item(TableName="hash", Item={"pk": X, "a": {"N": given}})
    assert db.get_item(TableName="hash", Key={"pk": X})["Item"]["a"] == {"N": kept}


BEFORE = {
    "n": {"N": "1"},
    "l": {"L": [{"N": "0"}, {"N": "1"}]},
    "m": {"M": {"a": X}},
    "s": {"SS": ["a", "b"]},
}


@pytest.mark.parametrize(
    ("expression", "values", "changed"),
    [
        ("SET n = n + :v", {"N": "0.5"}, {"n": {"N": "1.5"}}),
        ("SET l = list_append(l, :v)", {"L": [X]}, {"l": {"L": [{"N": "0"}, {"N": "1"}, X]}}),
        ("SET l[7] = :v", X, {"l": {"L": [{"N": "0"}, {"N": "1"}, X]}}),
        ("SET m.b = :v", X, {"m": {"M": {"a": X, "b": X}}}),
        ("SET q = if_not_exists(q, :v)", X, {"q": X}),
        ("ADD n :v", {"N": "-3"}, {"n": {"N": "-2"}}),
        ("ADD s :v", {"SS": ["b", "c"]}, {"s": {"SS": ["a", "b", "c"]}}),
        ("DELETE s :v", {"SS": ["a", "z"]}, {"s": {"SS": ["b"]}}),
        ("DELETE s :v", {"SS": ["a", "b"]}, {"s": None}),
        ("REMOVE l[0], m.a", None, {"l": {"L": [{"N": "1"}]}, "m": {"M": {}}}),
        ("SET q = n REMOVE n", None, {"q": {"N": "1"}, "n": None}),
    ],
)
def test_updates(db: Any, expression: str, values: Any, changed: dict[str, Any]) -> None:
    db.put_item(TableName="hash", Item={"pk": X, **BEFORE})
    given = {} if values is None else {"ExpressionAttributeValues": {":v": values}}
    answer = db.update_item(
        TableName="hash", Key={"pk": X}, UpdateExpression=expression, ReturnValues="ALL_NEW", **given
    )
    wanted = {name: value for name, value in {"pk": X, **BEFORE, **changed}.items() if value is not None}
    assert answer["Attributes"] == wanted
    assert answer.keys() == {"Attributes", "ResponseMetadata"}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("UPDATED_NEW", {"m": {"M": {"a": {"S": "y"}}}}),
        ("UPDATED_OLD", {"m": {"M": {"a": X}}}),
        ("ALL_OLD", {"pk": X, "m": {"M": {"a": X, "b": X}}}),
        ("NONE", None),
    ],
)
def test_an_update_tells_what_is_asked_for(db: Any, asked: str, told: Any) -> None:
    db.put_item(TableName="hash", Item={"pk": X, "m": {"M": {"a": X, "b": X}}})
    answer = db.update_item(
        TableName="hash",
        Key={"pk": X},
        UpdateExpression="SET m.a = :v",
        ExpressionAttributeValues={":v": {"S": "y"}},
        ReturnValues=asked,
    )
    assert answer.get("Attributes") == told


ITEM = {
    "pk": X,
    "n": {"N": "5"},
    "t": {"S": "abc"},
    "l": {"L": [X]},
    "s": {"NS": ["1", "2"]},
    "z": {"NULL": True},
}


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ("n BETWEEN :v AND :v", {"N": "5.0"}, True),
        ("n IN (:v)", {"N": "6"}, False),
        ("n > :v", {"S": "1"}, False),
        ("gone <> :v", X, True),
        ("gone = :v", X, False),
        ("begins_with(t, :v)", {"S": "ab"}, True),
        ("contains(l, :v)", X, True),
        ("contains(s, :v)", {"N": "2"}, True),
        ("contains(t, :v)", {"S": "z"}, False),
        ("size(s) = :v", {"N": "2"}, True),
        ("attribute_type(z, :v)", {"S": "NULL"}, True),
        ("NOT (n = :v) OR attribute_not_exists(pk)", {"N": "5"}, False),
        ("s = :v", {"NS": ["2", "1"]}, True),
        ("(n = :v) AND attribute_exists(l[0])", {"N": "5"}, True),
    ],
)
def test_conditions(db: Any, condition: str, value: Any, holds: bool) -> None:
    db.put_item(TableName="hash", Item=ITEM)
    found = db.scan(TableName="hash", FilterExpression=condition, ExpressionAttributeValues={":v": value})
    assert (found["Count"], found["ScannedCount"]) == (int(holds), 1)


@pytest.mark.parametrize(
    ("condition", "values", "found"),
    [
        ("pk = :p", {}, ["1", "2", "3"]),
        ("pk = :p AND sk > :a", {":a": {"S": "1"}}, ["2", "3"]),
        ("(pk = :p) AND (sk BETWEEN :a AND :b)", {":a": {"S": "1"}, ":b": {"S": "2"}}, ["1", "2"]),
        ("begins_with(sk, :a) AND pk = :p", {":a": {"S": "3"}}, ["3"]),
    ],
)
def test_queries(db: Any, condition: str, values: dict[str, Any], found: list[str]) -> None:
    for number in "312":
        db.put_item(TableName="pair", Item={"pk": X, "sk": {"S": number}})
    asked = {
        "TableName": "pair",
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {":p": X, **values},
    }
    assert [item["sk"]["S"] for item in db.query(**asked)["Items"]] == found
    backwards = db.query(**asked, ScanIndexForward=False)["Items"]
    assert [item["sk"]["S"] for item in backwards] == found[::-1]


def test_indexes_have_their_items_and_what_they_project(db: Any) -> None:
    for number, more in {"1": {"color": X, "a": X}, "2": {"local": X}, "3": {"color": X}}.items():
        db.put_item(TableName="pair", Item={"pk": X, "sk": {"S": number}, **more})
    found = db.scan(TableName="pair", IndexName="by-color", Limit=1)
    assert found["Items"] == [{"pk": X, "sk": {"S": "1"}, "color": X}]
    assert found["LastEvaluatedKey"] == {"pk": X, "sk": {"S": "1"}, "color": X}
    rest = db.scan(TableName="pair", IndexName="by-color", ExclusiveStartKey=found["LastEvaluatedKey"])
    assert [item["sk"]["S"] for item in rest["Items"]] == ["3"]


def test_a_transaction_is_done_whole_or_not_at_all(db: Any) -> None:
    db.put_item(TableName="pair", Item=FIRST)
    put = {"Put": {"TableName": "hash", "Item": {"pk": X}}}
    check = {
        "ConditionCheck": {
            "TableName": "pair",
            "Key": FIRST,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    with pytest.raises(ClientError) as cancelled:
        db.transact_write_items(TransactItems=[put, check])
    response: Any = cancelled.value.response
    assert response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": FIRST},
    ]
    assert response["Error"]["Message"].endswith("reasons [None, ConditionalCheckFailed]")
    assert db.scan(TableName="hash")["Count"] == 0
    for _ in range(2):  # the same token: done only once
        assert db.transact_write_items(TransactItems=[put], ClientRequestToken="t").keys() == {
            "ResponseMetadata"
        }
    with pytest.raises(db.exceptions.IdempotentParameterMismatchException):
        db.transact_write_items(TransactItems=[check], ClientRequestToken="t")


def test_capacity_and_metrics_are_told_to_those_who_ask(db: Any) -> None:
    put = {"TableName": "pair", "Item": {**FIRST, "local": X}}
    answer = db.put_item(**put)
    assert answer.keys() == {"ResponseMetadata"}
    assert len(answer["ResponseMetadata"]["RequestId"]) == 52
    told = db.put_item(**put, ReturnConsumedCapacity="TOTAL", ReturnItemCollectionMetrics="SIZE")
    assert told["ConsumedCapacity"] == {"TableName": "pair", "CapacityUnits": 1.0}
    assert told["ItemCollectionMetrics"] == {
        "ItemCollectionKey": {"pk": X},
        "SizeEstimateRangeGB": [0.0, 1.0],
    }


def test_old_parameters(db: Any) -> None:
    for number in "12":
        db.put_item(TableName="pair", Item={"pk": X, "sk": {"S": number}, "n": {"N": number}})
    equal = {"ComparisonOperator": "EQ", "AttributeValueList": [X]}
    above = {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "1"}]}
    found = db.query(
        TableName="pair", KeyConditions={"pk": equal}, QueryFilter={"n": above}, AttributesToGet=["n"]
    )
    assert (found["Items"], found["ScannedCount"]) == ([{"n": {"N": "2"}}], 2)
    db.update_item(
        TableName="pair",
        Key=FIRST,
        AttributeUpdates={"n": {"Action": "ADD", "Value": {"N": "4"}}},
        Expected={"n": {"Value": {"N": "1"}}},
    )
    assert db.get_item(TableName="pair", Key=FIRST)["Item"]["n"] == {"N": "5"}
    with pytest.raises(db.exceptions.ConditionalCheckFailedException):
        db.put_item(TableName="pair", Item=FIRST, Expected={"pk": {"Exists": False}})


def test_partiql(db: Any) -> None:
    def execute(statement: str, *parameters: Any) -> Any:
        given = {"Parameters": list(parameters)} if parameters else {}
        return db.execute_statement(Statement=statement, **given)["Items"]

    execute("INSERT INTO pair VALUE {'pk': 'x', 'sk': ?, 'm': {'a': [1, 'it''s']}}", {"S": "1"})
    with pytest.raises(db.exceptions.DuplicateItemException):
        execute("INSERT INTO pair VALUE {'pk': 'x', 'sk': '1'}")
    assert execute("SELECT m.a[1], sk FROM \"pair\" WHERE pk = 'x' AND begins_with(sk, '1')") == [
        {"a": {"S": "it's"}, "sk": {"S": "1"}}
    ]
    changed = execute("UPDATE pair SET n = 4 REMOVE m WHERE pk = 'x' AND sk = '1' RETURNING ALL NEW *")
    assert changed == [{**FIRST, "n": {"N": "4"}}]
    assert execute("SELECT * FROM pair WHERE n IS NOT MISSING AND n BETWEEN 3 AND 5") == changed
    answers = db.batch_execute_statement(
        Statements=[
            {"Statement": "SELECT n FROM pair WHERE pk = 'x' AND sk = '1'"},
            {"Statement": "SELECT * FROM none WHERE pk = 'x'"},
        ]
    )["Responses"]
    assert answers[0] == {"TableName": "pair", "Item": {"n": {"N": "4"}}}
    assert answers[1]["Error"]["Code"] == "ResourceNotFound"
    with pytest.raises(ClientError, match="Statement wasn't well formed"):
        execute("SELECTT * FROM pair")
    assert execute("DELETE FROM pair WHERE pk = 'x' AND sk = '1'") == []
    assert execute("SELECT * FROM pair") == []


def test_a_stream_has_the_changes_and_no_others(db: Any, engine: MotoEngine) -> None:
    made = db.create_table(
        TableName="streamed",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    for _ in range(2):  # the second one changes nothing
        db.put_item(TableName="streamed", Item={"pk": X, "b": {"B": b"\x90"}})
    db.delete_item(TableName="streamed", Key={"pk": X})
    streams: Any = boto3.client(
        "dynamodbstreams",
        endpoint_url=engine.start().url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        aws_session_token=engine.start().session_token,
    )
    arn = made["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    first = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=first)["Records"]
    assert [record["eventName"] for record in records] == ["INSERT", "REMOVE"]
    assert records[0]["dynamodb"]["NewImage"] == {"pk": X, "b": {"B": b"\x90"}}
    assert records[0]["dynamodb"]["SizeBytes"] == 3 + 3 + 2
    db.delete_table(TableName="streamed")


TABLE: dict[str, Any] = {
    "TableName": "made",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"TableName": "ab"},
            "Value 'ab' at 'tableName' failed to satisfy constraint: Member must",
        ),
        ({"TableName": None}, "The parameter 'TableName' is required but was not present in the request"),
        ({"BillingMode": "PROVISIONED"}, "must both be specified when BillingMode is PROVISIONED"),
        ({"KeySchema": [{"AttributeName": "pk", "KeyType": "RANGE"}]}, "is not a HASH key type"),
        (
            {"KeySchema": [{"AttributeName": "pk", "KeyType": kind} for kind in ("HASH", "RANGE")]},
            "Invalid KeySchema: Some index key attribute have no definition",
        ),
        (
            {"AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "a")]},
            "Number of attributes in KeySchema does not exactly match",
        ),
        (
            {"GlobalSecondaryIndexes": [index("one", "a")]},
            r"Some index key attributes are not defined in AttributeDefinitions. Keys: \[a\]",
        ),
        ({"GlobalSecondaryIndexes": [index("one", "pk")] * 2}, "Duplicate index name: one"),
        ({"LocalSecondaryIndexes": [index("one", "pk", "pk")]}, "Table KeySchema does not have a range key"),
    ],
)
def test_tables_that_are_refused(client: Any, more: dict[str, Any], said: str) -> None:
    request = {name: value for name, value in (TABLE | more).items() if value is not None}
    with pytest.raises(ClientError, match=said) as refused:
        client.create_table(**request)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_table_is_described_as_it_is(client: Any) -> None:
    made = client.create_table(**TABLE)["TableDescription"]
    found = client.describe_table(TableName="made")["Table"]
    assert (made["TableStatus"], found["TableStatus"]) == ("CREATING", "ACTIVE")
    assert made["TableId"] == found["TableId"]
    assert not {"GlobalSecondaryIndexes", "LocalSecondaryIndexes", "StreamSpecification"} & found.keys()
    assert client.list_tables(Limit=2)["TableNames"] == ["hash", "made"]
    tag = {"Key": "stage", "Value": "a"}
    for value in "ab":
        client.tag_resource(ResourceArn=found["TableArn"], Tags=[{**tag, "Value": value}])
    assert client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"] == [{**tag, "Value": "b"}]
    client.delete_table(TableName="made")
