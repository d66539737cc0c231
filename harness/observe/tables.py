"""Reads the items of every table of a stack, and the tables' keys."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from harness.engine.clients import Clients
from harness.observe.model import Keys, TableItem
from harness.stack.model import Stack


def table_keys(clients: Clients, stack: Stack) -> Keys:
    """Name of each table that is there -> its key's attributes, the partition key first."""
    found = {}
    for name in stack.of_type("AWS::DynamoDB::Table").values():
        try:
            schema = clients.dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]
        except clients.dynamodb.exceptions.ResourceNotFoundException:
            continue  # the workflow has deleted it
        ordered = sorted(schema, key=lambda k: k["KeyType"] != "HASH")
        found[name] = tuple(k["AttributeName"] for k in ordered)
    return found


def tables(clients: Clients, stack: Stack, keys: Keys) -> Mapping[str, tuple[TableItem, ...]]:
    """Logical id -> items as plain Python values, sorted by key; without tables that are there no more.

    Binary values are bytes, sets are frozensets.
    """
    return {
        logical_id: _items(clients, name, keys[name])
        for logical_id, name in stack.of_type("AWS::DynamoDB::Table").items()
        if name in keys
    }


def _items(clients: Clients, table: str, key: tuple[str, ...]) -> tuple[TableItem, ...]:
    from boto3.dynamodb.types import TypeDeserializer  # noqa: PLC0415  (start-up)

    value_of = TypeDeserializer().deserialize
    pages = clients.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [{k: _plain(value_of(v)) for k, v in item.items()} for page in pages for item in page["Items"]]
    return tuple(sorted(items, key=lambda item: [str(item[k]) for k in key]))


def _plain(value: object) -> object:
    from boto3.dynamodb.types import Binary  # noqa: PLC0415  (start-up)

    if isinstance(value, Binary):
        return bytes(value)  # type: ignore[call-overload]  # the stubs do not know that it is one
    if isinstance(value, set):
        return frozenset(_plain(v) for v in value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value
