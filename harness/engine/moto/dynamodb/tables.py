"""Operations that create, describe, update and delete tables, as on AWS. moto stores the tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from moto.dynamodb.models.table import Table

from harness.json_types import JsonObject
from harness.stepfunctions.arns import Caller

from . import table_checks
from .capacity import present
from .description import description
from .errors import Refused, invalid, no_table
from .table_view import backend_of, check_arn, find_table

_PROTECTED: Final = (
    "Resource cannot be deleted as it is currently protected against deletion. "
    "Disable deletion protection first."
)
_OF_DELETED: Final = (
    "BillingModeSummary",
    "DeletionProtectionEnabled",
    "ItemCount",
    "ProvisionedThroughput",
    "TableArn",
    "TableId",
    "TableName",
    "TableSizeBytes",
    "TableStatus",
)
_DEFAULT_LIMIT: Final = 100


def create(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a CreateTable request."""
    table_checks.check_creation(request)
    backend, name = backend_of(caller), request["TableName"]
    if name in backend.tables:
        raise Refused("ResourceInUseException", f"Table already exists: {name}")
    table = backend.create_table(
        name,
        schema=request["KeySchema"],
        throughput=request.get("ProvisionedThroughput"),
        attr=request["AttributeDefinitions"],
        global_indexes=request.get("GlobalSecondaryIndexes"),
        indexes=request.get("LocalSecondaryIndexes"),
        streams=request.get("StreamSpecification"),
        billing_mode=request.get("BillingMode", "PROVISIONED"),
        sse_specification=_encryption(caller, request.get("SSESpecification")),
        tags=request.get("Tags") or [],
        deletion_protection_enabled=request.get("DeletionProtectionEnabled", False),
        warm_throughput=request.get("WarmThroughput"),
    )
    described = description(table, "CREATING")
    if request.get("WarmThroughput") is None:
        described.pop("WarmThroughput", None)
    return {"TableDescription": described}


def describe(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a DescribeTable request."""
    return {"Table": description(table_of(caller, request["TableName"]))}


def delete(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a DeleteTable request."""
    table = table_of(caller, request["TableName"])
    if table.deletion_protection_enabled:
        raise invalid(_PROTECTED)
    described = description(table, "DELETING")
    backend_of(caller).delete_table(table.name)
    return {"TableDescription": {name: described[name] for name in _OF_DELETED if name in described}}


def list_names(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a ListTables request."""
    start = request.get("ExclusiveStartTableName", "")
    names = sorted(name for name in backend_of(caller).tables if name > start)
    page = names[: request.get("Limit", _DEFAULT_LIMIT)]
    return present(TableNames=page, LastEvaluatedTableName=page[-1] if len(page) < len(names) else None)


def update(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle an UpdateTable request."""
    table = table_of(caller, request["TableName"])
    table_checks.check_update(table, request)
    backend = backend_of(caller)
    given = request.get("AttributeDefinitions") or ()
    attributes = {each["AttributeName"]: each for each in [*table.attr, *given]}
    protected = request.get("DeletionProtectionEnabled")
    throughput = request.get("ProvisionedThroughput")
    backend.update_table(
        table.name,
        attr_definitions=list(attributes.values()),
        global_index=request.get("GlobalSecondaryIndexUpdates") or [],
        throughput={} if throughput is None else {"NumberOfDecreasesToday": 0, **throughput},
        billing_mode=request.get("BillingMode", ""),
        stream_spec=request.get("StreamSpecification") or {},
        deletion_protection_enabled=protected,
        warm_throughput=request.get("WarmThroughput"),
    )
    if request.get("BillingMode") == "PAY_PER_REQUEST":
        table.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0}
    used = {each["AttributeName"] for index in table.all_indexes() for each in index.schema}
    used.update(table.table_key_attrs)
    table.attr = [each for each in attributes.values() if each["AttributeName"] in used]
    described = description(table, "UPDATING")
    if request.get("SSESpecification") is not None:
        table.sse_specification = _encryption(caller, request["SSESpecification"])
        described.update(_changing_encryption(described, table))
    return {"TableDescription": described}


def _changing_encryption(before: JsonObject, table: Table) -> JsonObject:
    shown = before.get("SSEDescription") or description(table).get("SSEDescription")
    return {"SSEDescription": {**shown, "Status": "UPDATING"}} if isinstance(shown, dict) else {}


def update_expiry(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle an UpdateTimeToLive request."""
    table, wanted = table_of(caller, request["TableName"]), request["TimeToLiveSpecification"]
    is_on = table.ttl.get("TimeToLiveStatus") == "ENABLED"
    current = table.ttl.get("AttributeName")
    if is_on and current != wanted["AttributeName"]:
        raise invalid(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {current}"
        )
    if is_on == wanted["Enabled"]:
        raise invalid(f"TimeToLive is already {'enabled' if is_on else 'disabled'}")
    backend_of(caller).update_time_to_live(table.name, wanted)
    return {"TimeToLiveSpecification": wanted}


def describe_expiry(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a DescribeTimeToLive request."""
    return {"TimeToLiveDescription": dict(table_of(caller, request["TableName"]).ttl)}


def table_of(caller: Caller, given: str) -> Table:
    """Find a table for a table operation. The error includes the table name."""
    table = find_table(caller, given)
    if table is None:
        raise no_table(given.rpartition("table/")[2])
    return table


def tag(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a TagResource request."""
    table = _tagged(caller, request["ResourceArn"])
    tags = {each["Key"]: each for each in [*table.tags, *request["Tags"]]}
    table.tags = list(tags.values())
    return {}


def untag(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle an UntagResource request."""
    table = _tagged(caller, request["ResourceArn"])
    table.tags = [each for each in table.tags if each["Key"] not in request["TagKeys"]]
    return {}


def list_tags(caller: Caller, request: Mapping[str, Any]) -> JsonObject:
    """Handle a ListTagsOfResource request. For a table that does not exist, AWS returns an access denied
    error.
    """
    arn = request["ResourceArn"]
    try:
        return present(Tags=_tagged(caller, arn).tags)
    except Refused as refused:
        if refused.code != "ResourceNotFoundException":
            raise
        raise Refused(
            "AccessDeniedException",
            f"User: arn:aws:iam::{caller.account_id}:root is not authorized to perform: "
            f"dynamodb:ListTagsOfResource on resource: {arn}",
        ) from None


def _tagged(caller: Caller, arn: str) -> Table:
    check_arn(arn)
    for table in backend_of(caller).tables.values():
        if table.table_arn == arn:
            return table
    raise Refused("ResourceNotFoundException", f"Requested resource not found: ResourcArn: {arn} not found")


def _encryption(caller: Caller, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return an SSESpecification with the ARN of the key."""
    if given is None:
        return None
    key = given.get("KMSMasterKeyId")
    if key is None or key.startswith("arn:"):
        return dict(given)
    kind = "" if key.startswith("alias/") else "key/"
    return {**given, "KMSMasterKeyId": f"arn:aws:kms:{caller.region}:{caller.account_id}:{kind}{key}"}
