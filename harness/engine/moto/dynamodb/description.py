"""Table descriptions, as in DescribeTable.

Patched in moto.dynamodb.models.table: `Table.describe`, which omits some members and leaves others
empty.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any, Final

from moto.core.utils import unix_time
from moto.dynamodb.models.table import (
    GlobalSecondaryIndex,
    RestoredPITTable,
    RestoredTable,
    SecondaryIndex,
    Table,
)

from .capacity import present

_ON_DEMAND: Final = "PAY_PER_REQUEST"
_NO_UNITS: Final = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}


def description(table: Table, status: str = "ACTIVE") -> dict[str, Any]:
    """Describe a table. Times are in seconds since 1970."""
    items: Any = table.items
    stream = table.stream_specification or {}
    sizes = [kept.size for kept in items]
    created = unix_time(table.created_at)
    return present(
        AttributeDefinitions=table.attr,
        BillingModeSummary=_billing(table, created, status),
        CreationDateTime=created,
        DeletionProtectionEnabled=bool(table.deletion_protection_enabled),
        GlobalSecondaryIndexes=[_index(table, each, status) for each in table.global_indexes] or None,
        ItemCount=len(sizes),
        KeySchema=table.schema,
        LatestStreamArn=stream_arn(table),
        LatestStreamLabel=table.latest_stream_label,
        LocalSecondaryIndexes=[_index(table, each, status) for each in table.indexes] or None,
        ProvisionedThroughput=_throughput(table.throughput),
        RestoreSummary=_restored(table),
        SSEDescription=_encryption(table),
        StreamSpecification=stream if stream.get("StreamEnabled") else None,
        TableArn=table.table_arn,
        TableId=_id(table),
        TableName=table.name,
        TableSizeBytes=sum(sizes),
        TableStatus=status,
        WarmThroughput=_warm(table.warm_throughput, status),
    )


def described(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    """Replace moto's `Table.describe`, with times in moto's format."""
    found = description(self)
    found["CreationDateTime"] = self.created_at
    if "RestoreSummary" in found:
        found["RestoreSummary"]["RestoreDateTime"] = self.created_at
    return {base_key: found}


def _id(table: Table) -> str:
    made = f"{table.table_arn} {unix_time(table.created_at)}"
    return str(uuid.UUID(bytes=hashlib.sha256(made.encode()).digest()[:16], version=4))


def _billing(table: Table, created: float, status: str) -> Mapping[str, Any] | None:
    if table.billing_mode != _ON_DEMAND:
        return None
    found: dict[str, Any] = {"BillingMode": _ON_DEMAND}
    return found if status == "CREATING" else {**found, "LastUpdateToPayPerRequestDateTime": created}


def _throughput(given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    units = {name: int((given or _NO_UNITS)[name]) for name in _NO_UNITS}
    return {"NumberOfDecreasesToday": 0, **units}


def _warm(given: Mapping[str, Any], status: str) -> Mapping[str, Any]:
    return {**given, "Status": "ACTIVE" if status == "ACTIVE" else "UPDATING"}


def _index(table: Table, index: SecondaryIndex, status: str) -> Mapping[str, Any]:
    items: Any = table.items
    names = [each["AttributeName"] for each in index.schema]
    sizes = [kept.size for kept in items if all(name in kept.item for name in names)]
    found: dict[str, Any] = {
        "IndexArn": f"{table.table_arn}/index/{index.name}",
        "IndexName": index.name,
        "IndexSizeBytes": sum(sizes),
        "ItemCount": len(sizes),
        "KeySchema": index.schema,
        "Projection": index.projection,
    }
    if isinstance(index, GlobalSecondaryIndex):
        found["IndexStatus"] = "CREATING" if status == "CREATING" else index.status
        found["ProvisionedThroughput"] = _throughput(index.throughput)
        if status != "CREATING":
            found["WarmThroughput"] = _warm(index.warm_throughput, status)
    return found


def stream_arn(table: Table) -> str | None:
    """Return the ARN of a table's newest stream, or None if it has never had one."""
    label = table.latest_stream_label
    return f"{table.table_arn}/stream/{label}" if label else None


def _encryption(table: Table) -> Mapping[str, Any] | None:
    given = table.sse_specification
    if not given or given.get("Enabled") is not True:
        return None
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": given.get("KMSMasterKeyId")}


def _restored(table: Table) -> Mapping[str, Any] | None:
    if not isinstance(table, RestoredTable | RestoredPITTable):
        return None
    backup = {"SourceBackupArn": table.source_backup_arn} if isinstance(table, RestoredTable) else {}
    return {
        **backup,
        "SourceTableArn": table.source_table_arn,
        "RestoreDateTime": unix_time(table.restore_date_time),
        "RestoreInProgress": False,
    }
