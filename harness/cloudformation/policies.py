"""Checks DeletionPolicy and UpdateReplacePolicy, which apply to deleted and replaced resources.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.cloudformation.evaluate import is_open
from harness.cloudformation.faults import Fault
from harness.json_types import Json, JsonObject

_VALUES: Final = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}
_WORDS: Final = {"DeletionPolicy": "deletion policy", "UpdateReplacePolicy": "update replace policy"}
WITH_SNAPSHOT: Final = (
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
)
"""Types that CloudFormation can take a snapshot of before it deletes them."""


def policy_faults(resources: JsonObject) -> Iterator[Fault]:
    """Find policies that do not exist, or that the resource type does not support."""
    for name, entry in resources.items():
        for attribute, values in _VALUES.items():
            if isinstance(entry, dict) and attribute in entry:
                yield from _faults(name, entry, attribute, values)


def _faults(name: str, entry: JsonObject, attribute: str, values: tuple[str, ...]) -> Iterator[Fault]:
    policy: Json = entry[attribute]
    keys = ("Resources", name, attribute)
    if is_open(policy):
        yield Fault(keys, f"Template error: {attribute} of {name} cannot depend on a resource")
    elif policy not in values:
        yield Fault(
            keys,
            f"Template format error: Unrecognized {attribute} {policy} for resource {name}",
            f"use one of {', '.join(values)}",
        )
    elif policy == "Snapshot" and entry.get("Type") not in WITH_SNAPSHOT:
        kind = entry.get("Type")
        message = f"Template error: resource type {kind} does not support {_WORDS[attribute]} Snapshot"
        yield Fault(keys, message)
