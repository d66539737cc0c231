"""Requests that DynamoDB rejects, each with AWS's own message."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

X = {"S": "x"}
WRONG = "One or more parameter values were invalid: "
ONE = "1 validation error detected: "
FAILED = "failed to satisfy constraint: "
EMPTY_KEY = (
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
    "empty string value. Key: pk"
)


def put(**item: Any) -> dict[str, Any]:
    return {"TableName": "hash", "Item": {"pk": X, **item}}


def update(expression: str, names: Any = None, **values: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"TableName": "hash", "Key": {"pk": X}, "UpdateExpression": expression}
    if values:
        given["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    return given if names is None else {**given, "ExpressionAttributeNames": names}


def query(condition: str, **more: Any) -> dict[str, Any]:
    return {
        "TableName": "pair",
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {":v": X},
        **more,
    }


def condition(text: str, **values: Any) -> dict[str, Any]:
    given = {f":{name}": value for name, value in values.items()}
    return put() | {"ConditionExpression": text} | ({"ExpressionAttributeValues": given} if given else {})


VALUES = [
    (put(a={"SS": []}), WRONG + "An string set  may not be empty"),
    (put(a={"NS": []}), WRONG + "An number set  may not be empty"),
    (put(a={"BS": []}), WRONG + "Binary sets should not be empty"),
    (put(a={"L": [{"M": {"b": {"SS": []}}}]}), WRONG + "An string set  may not be empty"),
    (put(a={"SS": ["b", "b"]}), WRONG + "Input collection [b, b] contains duplicates."),
    (put(a={"NS": ["1", "1.0"]}), WRONG + "Input collection contains duplicates"),
    (put(a={"NULL": False}), WRONG + "Null attribute value types must have the value of true"),
    (put(a={"N": "ten"}), "The parameter cannot be converted to a numeric value: ten"),
    (put(a={"N": ""}), "The parameter cannot be converted to a numeric value"),
    (put(a={"N": "1" * 39}), "Attempting to store more than 38 significant digits in a Number"),
    (
        put(a={"N": "1E126"}),
        "Number overflow. Attempting to store a number with magnitude larger than supported range",
    ),
    (
        put(a={"N": "-1E-131"}),
        "Number underflow. Attempting to store a number with magnitude smaller than supported range",
    ),
    (
        put(a={}),
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
    ),
    (
        put(a={"S": "b", "N": "1"}),
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes",
    ),
    (put(a={"S": "b" * 410_000}), "Item size has exceeded the maximum allowed size"),
    (put(pk={"S": ""}), EMPTY_KEY),
    (put(pk={"N": "1"}), WRONG + "Type mismatch for key pk expected: S actual: N"),
    ({"TableName": "hash", "Item": {"a": X}}, WRONG + "Missing the key pk in the item"),
    (
        {"TableName": "pair", "Item": {"pk": X, "sk": X, "color": {"N": "1"}}},
        WRONG + "Type mismatch for Index Key color Expected: S Actual: N IndexName: by-color",
    ),
    (put(pk={"S": "x" * 2049}), WRONG + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
]

PARAMETERS = [
    ({"TableName": "hash"}, f"{ONE}Value null at 'item' {FAILED}Member must not be null"),
    ({"Item": {"pk": X}}, f"{ONE}Value null at 'tableName' {FAILED}Member must not be null"),
    (
        {},
        f"2 validation errors detected: Value null at 'tableName' {FAILED}Member must not be null; "
        f"Value null at 'item' {FAILED}Member must not be null",
    ),
    (
        put() | {"TableName": "a/b"},
        f"{ONE}Value 'a/b' at 'tableName' {FAILED}Member must satisfy regular expression pattern: "
        "[a-zA-Z0-9_.-]+",
    ),
    (
        put() | {"TableName": "", "ReturnValues": "WRONG"},
        f"{ONE}Value '' at 'tableName' {FAILED}Member must have length greater than or equal to 1",
    ),
    (
        put() | {"TableName": "a" * 256},
        f"{ONE}Value '{'a' * 256}' at 'tableName' {FAILED}Member must have length less than or equal to 255",
    ),
    (
        put() | {"ReturnConsumedCapacity": "ALL"},
        f"{ONE}Value 'ALL' at 'returnConsumedCapacity' {FAILED}Member must satisfy enum value set: "
        "[INDEXES, TOTAL, NONE]",
    ),
    (put() | {"ReturnValues": "ALL_NEW"}, "ReturnValues can only be ALL_OLD or NONE"),
    (
        put() | {"Expected": {"pk": {"Exists": False}}, "ConditionExpression": "attribute_exists(pk)"},
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}",
    ),
    (
        put() | {"ExpressionAttributeValues": {":v": X}},
        "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null",
    ),
    (
        put() | {"ExpressionAttributeNames": {"#n": "a"}},
        "ExpressionAttributeNames can only be specified when using expressions",
    ),
]

OF_CONDITION = "Invalid ConditionExpression: "
CONDITIONS = [
    (condition(""), OF_CONDITION + "The expression can not be empty;"),
    (condition("a ="), OF_CONDITION + 'Syntax error; token: "<EOF>", near: "="'),
    (condition("a == :v", v=X), OF_CONDITION + 'Syntax error; token: "=", near: "== :v"'),
    (
        condition("size = :v", v=X),
        OF_CONDITION + "Attribute name is a reserved keyword; reserved keyword: size",
    ),
    (condition("is(a)"), OF_CONDITION + "Invalid function name; function: is"),
    (
        condition("a = :v"),
        OF_CONDITION + "An expression attribute value used in expression is not defined; attribute value: :v",
    ),
    (
        condition("#a = :v", v=X),
        OF_CONDITION
        + "An expression attribute name used in the document path is not defined; attribute name: #a",
    ),
    (
        condition("begins_with(a, :v)", v={"N": "1"}),
        OF_CONDITION + "Incorrect operand type for operator or function; operator or function: begins_with, "
        "operand type: N",
    ),
    (
        condition("a < :v", v={"BOOL": True}),
        OF_CONDITION + "Incorrect operand type for operator or function; operator or function: <, "
        "operand type: BOOL",
    ),
    (condition("((a = :v))", v=X), OF_CONDITION + "The expression has redundant parentheses;"),
    (
        condition("a = a"),
        OF_CONDITION + "The first operand must be distinct from the remaining operands for this operator or "
        "function; operator: =, first operand: [a]",
    ),
    (
        condition("a BETWEEN :b AND :a", a={"N": "1"}, b={"N": "2"}),
        OF_CONDITION
        + "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
        "lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}",
    ),
    (
        condition("a = :v", v=X, w=X),
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}",
    ),
    (
        condition("a = :v", v={"N": "x"}),
        "ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric "
        "value: x for key :v",
    ),
]

OF_UPDATE = "Invalid UpdateExpression: "
UPDATES = [
    (update(""), OF_UPDATE + "The expression can not be empty;"),
    (update("WRONG a b"), OF_UPDATE + 'Syntax error; token: "WRONG", near: "WRONG a"'),
    (
        update("SET a = :v SET b = :v", v=X),
        OF_UPDATE + 'The "SET" section can only be used once in an update expression;',
    ),
    (
        update("SET a = :v, a.b = :v", v=X),
        OF_UPDATE + "Two document paths overlap with each other; must remove or rewrite one of these paths; "
        "path one: [a], path two: [a, b]",
    ),
    (
        update("SET a.b = :v, a[0] = :v", v=X),
        OF_UPDATE + "Two document paths conflict with each other; must remove or rewrite one of these paths; "
        "path one: [a, b], path two: [a, [0]]",
    ),
    (
        update("SET pk = :v", v=X),
        WRONG + "Cannot update attribute pk. This attribute is part of the key",
    ),
    (
        update("ADD a :v", v=X),
        OF_UPDATE + "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
        "typeSet: ALLOWED_FOR_ADD_OPERAND",
    ),
    (
        update("SET a = b"),
        "The provided expression refers to an attribute that does not exist in the item",
    ),
    (
        update("SET a.b = :v", v=X),
        "The document path provided in the update expression is invalid for update",
    ),
    (
        update("SET a = attribute_exists(b)"),
        OF_UPDATE + "The function is not allowed in an update expression; function: attribute_exists",
    ),
    (
        update("SET a = :v", names={"#b": "b"}, v=X),
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}",
    ),
]

QUERIES = [
    (query("sk = :v"), "Query condition missed key schema element: pk"),
    (query("pk = :v AND a = :v"), "Query condition missed key schema element: sk"),
    (query("pk < :v"), "Query key condition not supported"),
    (query("pk = :v OR sk = :v"), "Invalid operator used in KeyConditionExpression: OR"),
    (query("pk = :v AND pk = :v"), "KeyConditionExpressions must only contain one condition per key"),
    (query("pk = :v", ExpressionAttributeValues={":v": {"S": ""}}), EMPTY_KEY),
    (
        query("pk = :v", ExpressionAttributeValues={":v": {"N": "1"}}),
        WRONG + "Condition parameter type does not match schema type",
    ),
    (
        query("pk = :v", FilterExpression="sk = :v"),
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
    ),
    (query("pk = :v", IndexName="none"), "The table does not have the specified index: none"),
    (
        query("color = :v", IndexName="by-color", ConsistentRead=True),
        "Consistent reads are not supported on global secondary indexes",
    ),
    (
        query("pk = :v", Limit=0),
        f"{ONE}Value at 'Limit' {FAILED}Member must have value greater than or equal to 1",
    ),
    (
        {"TableName": "pair"},
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    ),
    (
        query("pk = :v", ExclusiveStartKey={"pk": X}),
        "The provided starting key is invalid",
    ),
    (
        query("pk = :v", ProjectionExpression="a, a.b"),
        "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite "
        "one of these paths; path one: [a], path two: [a, b]",
    ),
    (
        query("pk = :v", Select="COUNT", ProjectionExpression="a"),
        "Cannot specify the ProjectionExpression when choosing to get only the Count",
    ),
]

KEY = {"TableName": "hash", "Key": {"pk": X}}
ITEMS_OF_26 = {"hash": [{"PutRequest": {"Item": {"pk": {"S": str(n)}}}} for n in range(26)]}
OTHERS = [
    ("get_item", KEY | {"Key": {"pk": X, "a": X}}, "The provided key element does not match the schema"),
    ("get_item", KEY | {"Key": {"pk": {"S": ""}}}, EMPTY_KEY),
    (
        "get_item",
        KEY | {"ProjectionExpression": "!!! no"},
        'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"',
    ),
    (
        "get_item",
        KEY | {"TableName": "arn:aws:dynamodb"},
        "Invalid TableArn: Invalid ResourceArn provided as input arn:aws:dynamodb",
    ),
    (
        "describe_table",
        {"TableName": "arn:aws:sqs:us-east-1:123456789012:hash"},
        "Invalid TableArn: Invalid ResourceArn provided as input arn:aws:sqs:us-east-1:123456789012:hash",
    ),
    ("batch_write_item", {"RequestItems": {}}, "The requestItems parameter is required for BatchWriteItem"),
    ("batch_get_item", {"RequestItems": {}}, "The requestItems parameter is required for BatchGetItem"),
    (
        "batch_get_item",
        {"RequestItems": {"hash": {"Keys": [{"pk": {"S": str(n)}} for n in range(101)]}}},
        f"{ONE}Value at 'RequestItems.hash.member.Keys' {FAILED}"
        "Member must have length less than or equal to 100",
    ),
    (
        "batch_get_item",
        {"RequestItems": {"hash": {"Keys": [{"pk": X}, {"pk": X}]}}},
        "Provided list of item keys contains duplicates",
    ),
    (
        "transact_write_items",
        {"TransactItems": []},
        f"{ONE}Value '[]' at 'transactItems' {FAILED}Member must have length greater than or equal to 1",
    ),
    (
        "transact_write_items",
        {"TransactItems": [{"Put": put()}, {"Delete": KEY}]},
        "Transaction request cannot include multiple operations on one item",
    ),
    (
        "transact_write_items",
        {"TransactItems": [{"Put": put(), "Delete": KEY}]},
        "TransactItems can only contain one of Check, Put, Update or Delete",
    ),
    (
        "scan",
        {"TableName": "hash", "Segment": 1},
        "The TotalSegments parameter is required but was not present in the request when Segment parameter "
        "is present",
    ),
    (
        "scan",
        {"TableName": "hash", "Limit": 0},
        f"{ONE}Value '0' at 'limit' {FAILED}Member must have value greater than or equal to 1",
    ),
    (
        "scan",
        {"TableName": "hash", "ScanFilter": {"a": {"ComparisonOperator": "EQ"}}},
        WRONG + "Invalid number of argument(s) for the EQ ComparisonOperator",
    ),
    (
        "execute_statement",
        {"Statement": "SELECT * FROM hash", "Parameters": []},
        f"{ONE}Value '[]' at 'parameters' {FAILED}Member must have length greater than or equal to 1",
    ),
    (
        "execute_statement",
        {"Statement": "UPDATE hash SET a = 1 WHERE a = 2"},
        "Where clause does not contain a mandatory equality on all key attributes",
    ),
    (
        "execute_statement",
        {"Statement": "INSERT INTO hash VALUE {'pk': 'x', 'a': ?}", "Parameters": [{"S": "b" * 410_000}]},
        "Item size has exceeded the maximum allowed size",
    ),
]

CASES = [
    *(("put_item", *each) for each in [*VALUES, *PARAMETERS, *CONDITIONS]),
    *(("update_item", *each) for each in UPDATES),
    *(("query", *each) for each in QUERIES),
    *OTHERS,
]


@pytest.mark.parametrize(("operation", "request_", "said"), CASES)
def test_what_is_refused(client: Any, operation: str, request_: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**request_)
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", said)
    assert client.scan(TableName="hash")["Count"] == 0


def test_26_items_of_a_batch_are_refused(client: Any) -> None:
    with pytest.raises(ClientError) as refused:
        client.batch_write_item(RequestItems=ITEMS_OF_26)
    message = refused.value.response["Error"]["Message"]
    assert message.startswith(f"{ONE}Value '{{hash=[")
    assert message.endswith(
        f"]}}' at 'requestItems' {FAILED}Map value must satisfy constraint: [Member must have length less "
        "than or equal to 25, Member must have length greater than or equal to 1]"
    )


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (put(a={"S": 5}), "NUMBER_VALUE cannot be converted to String"),
        (put(a={"N": 5}), "NUMBER_VALUE cannot be converted to String"),
        (put(a={"S": {}}), "Start of structure or map found where not expected"),
    ],
)
def test_json_of_a_wrong_type_is_refused(client: Any, request_: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError) as refused:
        client.put_item(**request_)
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("SerializationException", said)


@pytest.mark.parametrize(
    ("operation", "more", "named"),
    [
        ("put_item", {"Item": {"pk": X}}, ""),
        ("get_item", {"Key": {"pk": X}}, ""),
        ("scan", {}, ""),
        ("describe_table", {}, ": Table: none not found"),
        ("delete_table", {}, ": Table: none not found"),
    ],
)
def test_a_table_that_is_not_there(client: Any, operation: str, more: dict[str, Any], named: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(TableName="none", **more)
    error = refused.value.response["Error"]
    assert error["Code"] == "ResourceNotFoundException"
    assert error["Message"] == f"Requested resource not found{named}"
