"""Finds resources of the same type with the same name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.cloudformation.faults import Fault
from harness.json_types import Json

NAME_PROPERTIES: Final[Mapping[str, str]] = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::StepFunctions::Activity": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
"""Resource type -> the property that must be unique in an account and Region."""


def name_faults(resources: Mapping[str, Json]) -> Iterator[Fault]:
    """Report each resource with the same name as an earlier resource of its type, if the names are known."""
    named: dict[tuple[str, str], str] = {}
    for logical_id, resource in resources.items():
        kind = str(resource.get("Type")) if isinstance(resource, dict) else ""
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        name = properties.get(NAME_PROPERTIES.get(kind, "")) if isinstance(properties, dict) else None
        if not isinstance(name, str):
            continue
        first = named.setdefault((kind, name), logical_id)
        if first != logical_id:
            yield Fault(
                ("Resources", logical_id, "Properties", NAME_PROPERTIES[kind]),
                f"Resource of type '{kind}' with identifier '{name}' already exists: {first} has the name",
                "give one of them a different name",
            )
