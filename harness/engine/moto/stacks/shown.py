"""Formats stacks, resources and events for CloudFormation API responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from harness.engine.moto.resources.custom import CustomResource
from harness.engine.moto.resources.grants import missing_grants
from harness.engine.moto.stacks.model import Event, Stack, StackResource
from harness.engine.moto.stacks.templates import HIDDEN, shown_parameters
from harness.json_types import Json
from harness.reasons import Reason

_DRIFT: Final = {"StackResourceDriftStatus": "NOT_CHECKED"}


def stack(found: Stack) -> dict[str, Any]:
    """Return a stack in the format of DescribeStacks, without members that are None."""
    deleted = found.deleted is not None
    return {
        "StackId": found.id,
        "StackName": found.name,
        "ChangeSetId": found.change_set_id,
        "Description": found.prepared.template.get("Description") if found.prepared else None,
        "Parameters": shown_parameters(found.prepared) or None,
        "CreationTime": found.created,
        "DeletionTime": found.deleted or found.deletion_began,
        "LastUpdatedTime": found.updated,
        "RollbackConfiguration": found.rollback,
        "StackStatus": found.status,
        "StackStatusReason": found.status_reason,
        "DisableRollback": found.on_failure == "DO_NOTHING",
        "NotificationARNs": list(found.notification_arns),
        "TimeoutInMinutes": found.timeout_minutes,
        "Capabilities": list(found.capabilities) or None,
        "Outputs": _outputs(found) or None,
        "RoleARN": found.role_arn,
        "Tags": [{"Key": key, "Value": value} for key, value in found.tags.items()],
        "EnableTerminationProtection": None if deleted else found.protected,
        "ParentId": found.parent,
        "RootId": found.root,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }


def _outputs(found: Stack) -> list[dict[str, Any]]:
    return [
        {
            "OutputKey": name,
            "OutputValue": output.value,
            "Description": output.description,
            "ExportName": output.export,
        }
        for name, output in found.outputs.items()
    ]


def stack_summary(found: Stack) -> dict[str, Any]:
    """Return a stack in the format of ListStacks."""
    every = stack(found)
    names = (
        "StackId",
        "StackName",
        "CreationTime",
        "LastUpdatedTime",
        "DeletionTime",
        "StackStatus",
        "StackStatusReason",
        "ParentId",
        "RootId",
        "DriftInformation",
    )
    described = found.prepared.template.get("Description") if found.prepared else None
    return {"TemplateDescription": described, **{name: every[name] for name in names}}


def _resource(of: Stack, resource: StackResource) -> dict[str, Any]:
    return {
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id or None,
        "ResourceType": resource.type,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": told(of, resource),
        "DriftInformation": _DRIFT,
    }


def resource(of: Stack, found: StackResource) -> dict[str, Any]:
    """Return a resource in the format of DescribeStackResources."""
    named = {"StackId": of.id, "StackName": of.name, "Timestamp": found.updated}
    return {**named, **_resource(of, found)}


def resource_summary(of: Stack, found: StackResource) -> dict[str, Any]:
    """Return a resource in the format of ListStackResources."""
    return {**_resource(of, found), "LastUpdatedTimestamp": found.updated}


def resource_detail(of: Stack, found: StackResource) -> dict[str, Any]:
    """Return a resource in the format of DescribeStackResource."""
    metadata = found.declared.get("Metadata")
    return {
        "StackId": of.id,
        "StackName": of.name,
        **_resource(of, found),
        "LastUpdatedTimestamp": found.updated,
        "Metadata": json.dumps(metadata if metadata is not None else {}),
    }


def told(of: Stack, found: StackResource) -> str | None:
    """Return the status reasons for a resource, including missing permissions for deliveries within the
    stack.
    """
    model = found.made.model if found.made is not None else None
    missing = [Reason(why, where, "template") for where, why in missing_grants(model, of.account_id)]
    return "\n".join([*([found.reason] if found.reason else []), *map(str, missing)]) or None


def hidden_in(of: Stack) -> Mapping[str, str]:
    """Return the strings that a stack hides, with their replacements.

    They come from parameters and custom resources with NoEcho, and from secrets.
    """
    parameters = of.prepared.parameters if of.prepared else None
    texts = {parameters.texts[name] for name in parameters.hidden} if parameters else set()
    for each in of.resources.values():
        if isinstance(each.made, CustomResource) and each.made.no_echo:
            texts |= {value for value in each.made.attributes.values() if isinstance(value, str)}
    return {**of.secrets, **dict.fromkeys(texts - {""}, HIDDEN)}


def _masked(value: Json, hidden: Mapping[str, str]) -> Json:
    """Return a value with hidden strings replaced."""
    if isinstance(value, dict):
        return {key: _masked(each, hidden) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, hidden) for each in value]
    if isinstance(value, str):
        for text in sorted(hidden, key=len, reverse=True):
            value = value.replace(text, hidden[text])
    return value


def event(of: Stack, found: Event) -> dict[str, Any]:
    """Return an event in the format of DescribeStackEvents."""
    return {
        "StackId": of.id,
        "EventId": found.id,
        "StackName": of.name,
        "LogicalResourceId": found.logical_id,
        "PhysicalResourceId": found.physical_id,
        "ResourceType": found.type,
        "Timestamp": found.timestamp,
        "ResourceStatus": found.status,
        "ResourceStatusReason": _masked(found.reason, of.secrets),
        "ResourceProperties": None
        if found.properties is None
        else json.dumps(_masked(found.properties, hidden_in(of))),
    }
