"""Reads the items and keys of every table in a stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from harness.engine.clients import Clients
from harness.observe.model import Keys, TableItem
from harness.scenario.base import logical_id
from harness.scenario.model import Scenario
from harness.stack.declared import of_kind
from harness.stack.model import Stack


def tables_of(stack: Stack, scenario: Scenario | None = None) -> Mapping[str, str]:
    """Return the names of the tables in a stack, and of those that the scenario creates outside it, by
    logical ID.

    For a table in the scenario, the logical ID is derived from its name, as in `items`.
    """
    others = scenario.seed.others if scenario is not None else ()
    return {**{logical_id(name): name for name in others}, **of_kind(stack, "table")}


def table_keys(clients: Clients, names: Iterable[str]) -> Keys:
    """Map the name of each existing table to its key attributes, the partition key first."""
    found = {}
    for name in names:
        try:
            schema = clients.dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]
        except clients.dynamodb.exceptions.ResourceNotFoundException:
            continue  # the workflow has deleted it
        ordered = sorted(schema, key=lambda k: k["KeyType"] != "HASH")
        found[name] = tuple(k["AttributeName"] for k in ordered)
    return found


def tables(clients: Clients, names: Mapping[str, str], keys: Keys) -> Mapping[str, tuple[TableItem, ...]]:
    """Map logical IDs to items as plain Python values, sorted by key. Omit deleted tables.

    `names` contains table names by logical ID, and `keys` contains their keys. Binary values are bytes, and
    sets are frozensets.
    """
    return {
        logical_id: _items(clients, name, keys[name]) for logical_id, name in names.items() if name in keys
    }


def _items(clients: Clients, table: str, key: tuple[str, ...]) -> tuple[TableItem, ...]:
    pages = clients.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [plain(item) for page in pages for item in page["Items"]]
    return tuple(sorted(items, key=lambda item: [str(item[k]) for k in key]))


def plain(item: Mapping[str, Any]) -> TableItem:
    """Convert an item from DynamoDB's API format to plain Python values: `{"id": {"S": "a"}}`."""
    from boto3.dynamodb.types import TypeDeserializer  # noqa: PLC0415  (start-up)

    value_of = TypeDeserializer().deserialize
    return {name: _plain(value_of(value)) for name, value in item.items()}


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
