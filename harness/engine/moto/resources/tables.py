"""Tables of DynamoDB as resources.

Patched in moto.dynamodb.models.table: `Table.create_from_cloudformation_json`, which drops when items expire.
"""

from __future__ import annotations

from typing import Any, Self

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from harness.engine.moto.resources.model import Resource, Wanted
from harness.json_types import JsonObject


def install() -> None:
    """Patch moto in this process."""
    patched: Any = Table
    create: Any = patched.create_from_cloudformation_json.__func__

    def create_with_expiry(
        cls: Any, name: str, resource: dict[str, Any], account_id: str, region_name: str, /, **kwargs: Any
    ) -> Any:
        table = create(cls, name, resource, account_id, region_name, **kwargs)
        expiry = resource["Properties"].get("TimeToLiveSpecification")
        if expiry:
            enabled = str(expiry.get("Enabled", False)).lower() == "true"
            given = {**expiry, "Enabled": enabled}
            dynamodb_backends[account_id][region_name].update_time_to_live(table.name, given)
        return table

    patched.create_from_cloudformation_json = classmethod(create_with_expiry)


class GlobalTable(Resource):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html.

    It is one table, in the stack's own region.
    """

    TYPE = "AWS::DynamoDB::GlobalTable"
    NAME = "TableName"
    ATTRIBUTES = ("Arn", "StreamArn")

    @classmethod
    def make(cls, wanted: Wanted) -> Self:
        """Make the table of this region."""
        declared: JsonObject = {"Properties": {**wanted.properties, "ProvisionedThroughput": _THROUGHPUT}}
        made: Any = Table.create_from_cloudformation_json(
            wanted.name, declared, wanted.account_id, wanted.region
        )
        stream = {"StreamArn": made.get_cfn_attribute("StreamArn")} if made.latest_stream_label else {}
        return cls(made.name, {"Arn": made.table_arn, **stream})

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete it."""
        dynamodb_backends[account_id][region_name].delete_table(self.physical_resource_id)


_THROUGHPUT: JsonObject = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
"""That of a table in provisioned mode; nothing is throttled here."""
