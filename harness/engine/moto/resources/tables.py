"""DynamoDB tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table as MotoTable

from harness.engine.moto.resources.model import Resource, Wanted
from harness.engine.moto.resources.of_moto import OfMoto
from harness.json_types import JsonObject


class Table(OfMoto):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html."""

    TYPE = "AWS::DynamoDB::Table"
    NAME = "TableName"
    MODEL = MotoTable

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the table, and set its TTL."""
        made = super().make(wanted)
        if wanted.properties.get("TimeToLiveSpecification"):
            _expire(made.model.name, wanted)
        return made

    def change(self, wanted: Wanted) -> Self:
        """Update the capacity, indexes, stream and TTL of the table, and keep its items."""
        properties: dict[str, Any] = dict(wanted.properties)
        backend = dynamodb_backends[wanted.account_id][wanted.region]
        table, before = self.model, self.wanted.properties
        on_demand = properties.get("BillingMode") == "PAY_PER_REQUEST"
        stream = properties.get("StreamSpecification")
        same_stream = stream == before.get("StreamSpecification")
        if table.latest_stream_label and not same_stream:
            table.set_stream_specification({"StreamEnabled": False})
        backend.update_table(
            table.name,
            properties.get("AttributeDefinitions", []),
            _index_updates(before, properties),
            properties.get("ProvisionedThroughput", {}),
            "PAY_PER_REQUEST" if on_demand else "PROVISIONED",
            {"StreamEnabled": True, **stream} if stream and not same_stream else {},
            wanted.is_set("DeletionProtectionEnabled"),
            properties.get("WarmThroughput"),
        )
        table.tags = properties.get("Tags") or []
        if properties.get("TimeToLiveSpecification") != before.get("TimeToLiveSpecification"):
            _expire(table.name, wanted)
        return type(self)(table, wanted)


def _expire(table: str, wanted: Wanted) -> None:
    """Set the TTL of a table from its properties."""
    given = wanted.properties.get("TimeToLiveSpecification")
    expiry = given if isinstance(given, dict) else {}
    enabled = str(expiry.get("Enabled", False)).lower() == "true"
    update: Any = dynamodb_backends[wanted.account_id][wanted.region].update_time_to_live
    update(table, {**expiry, "Enabled": enabled})


def _index_updates(before: JsonObject, after: JsonObject) -> list[dict[str, Any]]:
    """Return the changes to the global secondary indexes, in the format of UpdateTable."""
    old, new = (_indexes(each) for each in (before, after))
    gone = [{"Delete": {"IndexName": name}} for name in old if name not in new]
    added = [{"Create": index} for name, index in new.items() if name not in old]
    changed = [{"Update": index} for name, index in new.items() if name in old and index != old[name]]
    return gone + added + changed


def _indexes(properties: JsonObject) -> dict[str, JsonObject]:
    declared = properties.get("GlobalSecondaryIndexes")
    indexes = declared if isinstance(declared, list) else []
    return {str(each["IndexName"]): each for each in indexes if isinstance(each, dict)}


class GlobalTable(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html.

    In the engine, it is a single table in the stack's region.
    """

    TYPE = "AWS::DynamoDB::GlobalTable"
    NAME = "TableName"
    ATTRIBUTES = ("Arn", "StreamArn")

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Create the table in this region."""
        on_demand = wanted.text("BillingMode") == "PAY_PER_REQUEST"
        properties = {**({} if on_demand else {"ProvisionedThroughput": _THROUGHPUT}), **wanted.properties}
        made: Any = Table.make(replace(wanted, properties=properties)).model
        stream = {"StreamArn": made.get_cfn_attribute("StreamArn")} if made.latest_stream_label else {}
        return cls(made.name, {"Arn": made.table_arn, **stream})

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the table."""
        dynamodb_backends[account_id][region_name].delete_table(self.physical_resource_id)


_THROUGHPUT: JsonObject = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
"""Return the throughput of a table in provisioned mode. The engine never throttles."""
