"""Encryption settings in templates, which moto's CloudFormation partly ignores.

Patched: `Table.create_from_cloudformation_json` (moto.dynamodb.models.table), which looks for the
API's member `Enabled` in an SSESpecification, although CloudFormation uses `SSEEnabled`;
`cfn_to_api_encryption` (moto.s3.models), which drops BucketKeyEnabled.
"""

from __future__ import annotations

from typing import Any

import moto.s3.models
from moto.dynamodb.models.table import Table


def install() -> None:
    """Apply SSESpecification and BucketKeyEnabled from a template."""
    table: Any = Table
    buckets: Any = moto.s3.models
    create, converted = table.create_from_cloudformation_json.__func__, buckets.cfn_to_api_encryption

    def create_encrypted(cls: Any, name: str, resource: dict[str, Any], *more: Any, **named: Any) -> Any:
        given = resource["Properties"].get("SSESpecification")
        if isinstance(given, dict) and "SSEEnabled" in given:
            properties = {
                **resource["Properties"],
                "SSESpecification": {**given, "Enabled": _is_true(given["SSEEnabled"])},
            }
            resource = {**resource, "Properties": properties}
        return create(cls, name, resource, *more, **named)

    def with_bucket_key(given: dict[str, Any]) -> Any:
        encryption = converted(given)
        rules = given["ServerSideEncryptionConfiguration"]
        if _is_true(rules[0].get("BucketKeyEnabled", False)):
            encryption["Rule"]["BucketKeyEnabled"] = "true"
        return encryption

    table.create_from_cloudformation_json = classmethod(create_encrypted)
    buckets.cfn_to_api_encryption = with_bucket_key


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
