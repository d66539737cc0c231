"""Formats change sets for CloudFormation API responses."""

from __future__ import annotations

import json
from typing import Any

from harness.cloudformation.functions import function_of
from harness.engine.moto.stacks.change_sets import ChangeSet
from harness.engine.moto.stacks.changes import Change, create_only, declared_in
from harness.engine.moto.stacks.templates import shown_parameters
from harness.json_types import Json, JsonObject


def summary(change_set: ChangeSet) -> dict[str, Any]:
    """Return a change set in the format of ListChangeSets."""
    return {
        "ChangeSetName": change_set.name,
        "ChangeSetId": change_set.id,
        "StackId": change_set.stack.id,
        "StackName": change_set.stack.name,
        "Description": change_set.asked.description,
        "CreationTime": change_set.created,
        "ExecutionStatus": change_set.execution,
        "Status": change_set.status,
        "StatusReason": change_set.reason,
        "IncludeNestedStacks": False,
    }


def shown(change_set: ChangeSet, *, values: bool = False) -> dict[str, Any]:
    """Return a change set in the format of DescribeChangeSet.

    With `values`, include the properties before and after the change.
    """
    tags = change_set.asked.tags
    return {
        **summary(change_set),
        "Parameters": shown_parameters(change_set.new) or None,
        "NotificationARNs": list(change_set.asked.notification_arns or ()),
        "RollbackConfiguration": change_set.asked.rollback or {},
        "Capabilities": list(change_set.asked.capabilities),
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()] if tags else None,
        "Changes": [_change(each, change_set, values=values) for each in change_set.changes],
        "OnStackFailure": change_set.asked.stack_failure,
    }


def _change(change: Change, change_set: ChangeSet, *, values: bool) -> dict[str, Any]:
    declared = change_set.before.get(change.logical_id, {})
    found: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "ResourceType": change.type,
        "Scope": [],
        "Details": [],
    }
    if change.action != "Add":
        found["PhysicalResourceId"] = change.physical_id
    if change.action == "Remove":
        found["PolicyAction"] = _policy_action(str(declared.get("DeletionPolicy") or "Delete"), "Delete")
    if change.action == "Modify":
        found["Scope"] = [
            *(["Metadata"] if change.metadata else []),
            *(["Properties"] if change.properties else []),
        ]
        found["Replacement"] = {True: "True", False: "False", None: "Conditional"}[change.replaces]
        found["Details"] = _details(change)
        if change.replaces is not False:
            policy = str(declared.get("UpdateReplacePolicy") or "Delete")
            found["PolicyAction"] = _policy_action(policy, "ReplaceAndDelete")
    if values:
        after = declared_in(change_set.new, "Resources").get(change.logical_id)
        found |= _context("BeforeContext", change_set.values.get(change.logical_id))
        found |= _context("AfterContext", _properties(after) if isinstance(after, dict) else None)
    return {"Type": "Resource", "ResourceChange": found}


def _context(name: str, properties: Json) -> dict[str, str]:
    return {} if properties is None else {name: json.dumps({"Properties": _known(properties)})}


def _properties(declared: JsonObject) -> Json:
    return declared.get("Properties", {})


def _known(value: Json) -> Json:
    """Return a value without the parts that are not known until the change set is executed."""
    if function_of(value) is not None:
        return "{{changeSet:KNOWN_AFTER_APPLY}}"
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    return [_known(each) for each in value] if isinstance(value, list) else value


def _policy_action(policy: str, deletes: str) -> str:
    if policy == "Delete":
        return deletes
    keeps = "Retain" if policy.startswith("Retain") else "Snapshot"
    return keeps if deletes == "Delete" else f"ReplaceAnd{keeps}"


def _details(change: Change) -> list[dict[str, Any]]:
    """Return the changed properties, and whether each change replaces the resource."""
    fixed = create_only(change.type)
    found = [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": name,
                "RequiresRecreation": "Always" if name in fixed else "Never",
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for name in change.properties
    ]
    if change.metadata:
        target = {"Attribute": "Metadata", "RequiresRecreation": "Never"}
        found.append({"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"})
    return found
