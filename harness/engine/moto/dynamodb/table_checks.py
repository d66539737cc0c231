"""Rejects tables that DynamoDB would not create or change. The checks run in DynamoDB's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from moto.dynamodb.models.table import Table

from .errors import Refused, invalid, no_table, wrong_values

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MOST_LOCAL: Final = 5
MOST_GLOBAL: Final = 20
_ON_DEMAND: Final = "PAY_PER_REQUEST"
_NO_UNITS: Final = (
    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
)
_UNITS: Final = (
    "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
)
_NOTHING: Final = (
    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates "
    "or SSESpecification or ReplicaUpdates is required"
)
_ONE_INDEX: Final = (
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
)
_CHANGES: Final = (
    "ProvisionedThroughput",
    "BillingMode",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
    "SSESpecification",
    "ReplicaUpdates",
    "TableClass",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
)


def check_creation(request: Mapping[str, Any]) -> None:
    """Check a CreateTable request."""
    schema, definitions = request["KeySchema"], request["AttributeDefinitions"]
    local, glob = (request.get(f"{kind}SecondaryIndexes") for kind in ("Local", "Global"))
    _check_throughput(request)
    defined = [each["AttributeName"] for each in definitions]
    names = [each["AttributeName"] for each in schema]
    if len(defined) < len(schema):
        raise invalid("Invalid KeySchema: Some index key attribute have no definition")
    _check_schema(schema)
    if missing := [name for name in names if name not in defined]:
        raise _undefined(missing, defined)
    if local is None and glob is None and len(defined) != len(schema):
        raise wrong_values(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions"
        )
    _check_indexes("Local", local, MOST_LOCAL, names, defined)
    _check_indexes("Global", glob, MOST_GLOBAL, names, defined)
    indexes = [*(local or ()), *(glob or ())]
    _check_names(indexes)
    for index in glob or ():
        _check_index_throughput(index, request)
    used = sorted({*names, *(each["AttributeName"] for index in indexes for each in index["KeySchema"])})
    if set(defined) - set(used):
        raise wrong_values(
            "Some AttributeDefinitions are not used. AttributeDefinitions: "
            f"[{', '.join(defined)}], keys used: [{', '.join(used)}]"
        )
    _check_stream(request.get("StreamSpecification"))


def check_update(table: Table, request: Mapping[str, Any]) -> None:
    """Check an UpdateTable request."""
    if all(request.get(name) is None for name in _CHANGES):
        raise invalid(_NOTHING)
    throughput, mode = request.get("ProvisionedThroughput"), request.get("BillingMode")
    if mode == _ON_DEMAND and throughput is not None:
        raise wrong_values(_NO_UNITS)
    if mode == "PROVISIONED" and throughput is None and table.billing_mode == _ON_DEMAND:
        raise wrong_values(_UNITS)
    if throughput is not None:
        _check_change(table, throughput, mode)
    _check_index_updates(table, request)
    stream = request.get("StreamSpecification")
    if stream is not None:
        _check_stream(stream)
        is_on = bool((table.stream_specification or {}).get("StreamEnabled"))
        if stream.get("StreamEnabled") and is_on:
            raise invalid(f"Table already has an enabled stream: TableName: {table.name}")
        if not stream.get("StreamEnabled") and not is_on:
            raise invalid(f"Table does not have a stream to disable: TableName: {table.name}")


def _check_throughput(request: Mapping[str, Any]) -> None:
    throughput = request.get("ProvisionedThroughput")
    on_demand = request.get("BillingMode", "PROVISIONED") == _ON_DEMAND
    if on_demand and throughput is not None:
        raise wrong_values(_NO_UNITS)
    if not on_demand and throughput is None:
        raise wrong_values(_UNITS)


def _check_schema(schema: Sequence[Mapping[str, str]]) -> None:
    if schema[0]["KeyType"] != "HASH":
        raise invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if len(schema) > 1:
        if schema[1]["KeyType"] != "RANGE":
            raise invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        if schema[0]["AttributeName"] == schema[1]["AttributeName"]:
            raise invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")


def _undefined(missing: Sequence[str], defined: Sequence[str]) -> Refused:
    return wrong_values(
        f"Some index key attributes are not defined in AttributeDefinitions. Keys: [{', '.join(missing)}], "
        f"AttributeDefinitions: [{', '.join(defined)}]"
    )


def _check_indexes(
    kind: str,
    indexes: Sequence[Mapping[str, Any]] | None,
    most: int,
    key: Sequence[str],
    defined: Sequence[str],
) -> None:
    if indexes is None:
        return
    if not indexes:
        raise wrong_values(f"List of {kind}SecondaryIndexes is empty")
    if len(indexes) > most:
        told = (
            f"Number of LocalSecondaryIndexes exceeds per-table limit of {most}"
            if kind == "Local"
            else f"GlobalSecondaryIndex count exceeds the per-table limit of {most}"
        )
        raise wrong_values(told)
    for index in indexes:
        missing = [
            each["AttributeName"] for each in index["KeySchema"] if each["AttributeName"] not in defined
        ]
        if missing:
            raise _undefined(missing, defined)
        if kind == "Local":
            _check_local(index, key)
        _check_projection(index["Projection"])


def _check_local(index: Mapping[str, Any], key: Sequence[str]) -> None:
    if len(key) < 2:
        raise wrong_values(
            "Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex"
        )
    _check_schema(index["KeySchema"])
    name, schema = index["IndexName"], index["KeySchema"]
    if len(schema) < 2:
        raise wrong_values(f"Index KeySchema does not have a range key for index: {name}")
    if schema[0]["AttributeName"] != key[0]:
        raise wrong_values(
            f"Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. "
            f"index hash key: {schema[0]['AttributeName']}, table hash key: {key[0]}"
        )


def _check_projection(projection: Mapping[str, Any]) -> None:
    kind, named = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if kind is None:
        raise wrong_values("Unknown ProjectionType: null")
    if kind != "INCLUDE" and named is not None:
        raise wrong_values(f"ProjectionType is {kind}, but NonKeyAttributes is specified")
    if kind == "INCLUDE" and named is None:
        raise wrong_values("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")


def _check_names(indexes: Sequence[Mapping[str, Any]]) -> None:
    names = [index["IndexName"] for index in indexes]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise wrong_values(f"Duplicate index name: {name}")


def _check_index_throughput(index: Mapping[str, Any], request: Mapping[str, Any]) -> None:
    given, name = index.get("ProvisionedThroughput"), index["IndexName"]
    on_demand = request.get("BillingMode") == _ON_DEMAND
    if on_demand and given is not None:
        raise wrong_values(
            f"ProvisionedThroughput should not be specified for index: {name} when BillingMode is "
            "PAY_PER_REQUEST"
        )
    if not on_demand and given is None:
        raise wrong_values(f"ProvisionedThroughput must be specified for index: {name}")


def _check_stream(stream: Mapping[str, Any] | None) -> None:
    if stream is not None and bool(stream.get("StreamEnabled")) != (stream.get("StreamViewType") is not None):
        told = "is required when" if stream.get("StreamEnabled") else "can only be given when"
        raise wrong_values(f"StreamViewType {told} StreamEnabled is true")


def _check_change(table: Table, wanted: Mapping[str, Any], mode: str | None) -> None:
    current = table.throughput
    kinds = ("ReadCapacityUnits", "WriteCapacityUnits")
    changes_mode = mode is not None and mode != table.billing_mode
    if changes_mode or any(current[kind] != wanted[kind] for kind in kinds):
        return
    listed = " ".join(
        f"Current {kind} provisioned for the table: {current[kind]}. Requested {kind}: {wanted[kind]}."
        for kind in kinds
    )
    raise invalid(
        "The provisioned throughput for the table will not change. The requested value equals the current "
        f"value. {listed} Refer to the Amazon DynamoDB Developer Guide for current limits and how to request "
        "higher limits."
    )


def _check_index_updates(table: Table, request: Mapping[str, Any]) -> None:
    updates = request.get("GlobalSecondaryIndexUpdates") or ()
    known = {index.name for index in table.global_indexes}
    all_names = known | {index.name for index in table.indexes}
    given = request.get("AttributeDefinitions") or ()
    defined = list(dict.fromkeys(each["AttributeName"] for each in [*table.attr, *given]))
    if sum(1 for each in updates if "Create" in each or "Delete" in each) > 1:
        raise Refused("LimitExceededException", _ONE_INDEX)
    for create in _of(updates, "Create"):
        if create["IndexName"] in all_names:
            raise invalid("Attempting to create an index which already exists")
        _check_indexes("Global", [create], MOST_GLOBAL, [], defined)
        _check_index_throughput(create, {"BillingMode": request.get("BillingMode", table.billing_mode)})
    for kind in ("Update", "Delete"):
        for each in _of(updates, kind):
            if each["IndexName"] not in known:
                raise no_table()


def _of(updates: Sequence[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    return (each[kind] for each in updates if each.get(kind) is not None)
