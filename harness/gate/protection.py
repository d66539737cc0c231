"""Find existing resources that lose their deletion protection or retain data for a shorter time."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.gate.causes import cause_of
from harness.gate.comparing import Change, at
from harness.gate.finding import Finding, Rule
from harness.gate.resolved import Resolved, Resource
from harness.gate.stateful import keeps, lost_with
from harness.json_types import Json, JsonObject, as_dict

UNPROTECTED: Final = Rule(
    "data-loss-unprotected", "A resource that holds data loses its protection.", "0.1", "warning"
)
RETENTION: Final = Rule(
    "data-loss-retention", "A resource keeps its data for a shorter time.", "0.1", "warning"
)
PROTECTION_RULES: Final = (UNPROTECTED, RETENTION)


@dataclass(frozen=True)
class _Lower:
    """A property for which lowering the value deletes older data. `default` is the value if it is not set."""

    type: str
    path: str
    default: float
    unit: str


@dataclass(frozen=True)
class _Off:
    """A property that protects a resource while it has this value."""

    type: str
    path: str
    on: Json
    what: str


_LOWER: Final = (
    # "By default, log data is kept indefinitely"
    _Lower("AWS::Logs::LogGroup", "RetentionInDays", math.inf, "days"),
    _Lower("AWS::SQS::Queue", "MessageRetentionPeriod", 345_600, "seconds"),
    _Lower("AWS::Kinesis::Stream", "RetentionPeriodHours", 24, "hours"),
    _Lower("AWS::RDS::DBInstance", "BackupRetentionPeriod", 1, "days"),
    _Lower("AWS::RDS::DBCluster", "BackupRetentionPeriod", 1, "days"),
    _Lower("AWS::DocDB::DBCluster", "BackupRetentionPeriod", 1, "days"),
    _Lower("AWS::Neptune::DBCluster", "BackupRetentionPeriod", 1, "days"),
    _Lower("AWS::Events::Archive", "RetentionDays", math.inf, "days"),
    _Lower("AWS::ElastiCache::ReplicationGroup", "SnapshotRetentionLimit", 0, "days"),
)
_OFF: Final = (
    _Off("AWS::DynamoDB::Table", "DeletionProtectionEnabled", True, "its deletion protection"),
    _Off(
        "AWS::DynamoDB::Table",
        "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
        True,
        "point-in-time recovery, with all of its backups",
    ),
    _Off("AWS::RDS::DBInstance", "DeletionProtection", True, "its deletion protection"),
    _Off("AWS::RDS::DBCluster", "DeletionProtection", True, "its deletion protection"),
    _Off("AWS::DocDB::DBCluster", "DeletionProtection", True, "its deletion protection"),
    _Off("AWS::Neptune::DBCluster", "DeletionProtection", True, "its deletion protection"),
    _Off("AWS::Cognito::UserPool", "DeletionProtection", "ACTIVE", "its deletion protection"),
    _Off("AWS::S3::Bucket", "VersioningConfiguration.Status", "Enabled", "versioning of its objects"),
    _Off("AWS::EFS::FileSystem", "BackupPolicy.Status", "ENABLED", "its backups"),
)


def protection_findings(change: Change, base: Resolved, head: Resolved) -> Iterator[Finding]:
    """Find the protection that a resource on both sides loses."""
    before, after = change.base, change.head
    if after is None or change.kind == "refused":
        return
    for lower in _LOWER:
        if lower.type == before.type:
            yield from _lowered(lower, before, after, base, head)
    for off in _OFF:
        was, now = (at(each.properties, off.path) == off.on for each in (before, after))
        if off.type == before.type and was and not now:
            message = f"{before.shown} loses {off.what}"
            yield _finding(UNPROTECTED, before, after, off.path, message, base, head)
    if before.type == "AWS::DynamoDB::Table":
        yield from _expires(before, after, base, head)
    if before.type == "AWS::S3::Bucket":
        yield from _lifecycle(before, after, base, head)


def policy_findings(base: Resolved, head: Resolved) -> Iterator[tuple[Resource, Finding]]:
    """Find resources that their policy no longer retains, even if nothing else changes."""
    before = base.resources
    for address, after in head.resources.items():
        was = before.get(address)
        if was is None or was.type != after.type or not lost_with(was):
            continue
        for policy, when in (("DeletionPolicy", "deleted"), ("UpdateReplacePolicy", "replaced")):
            if keeps(was, was.policy(policy)) and not keeps(after, after.policy(policy)):
                message = (
                    f"{was.shown} is no longer kept when it is {when}: {policy} was {was.policy(policy)} "
                    f"and is now {after.policy(policy) or 'not set'}"
                )
                lines = head.stacks[after.stack].lines
                place = lines.position("Resources", after.logical_id, policy)
                yield (
                    was,
                    Finding(
                        UNPROTECTED,
                        f"{was.logical_id}.{policy}",
                        message,
                        f"leave {policy}: {was.policy(policy)}",
                        place.path,
                        place.line,
                        place.column,
                    ),
                )


def _lowered(
    lower: _Lower, before: Resource, after: Resource, base: Resolved, head: Resolved
) -> Iterator[Finding]:
    one, other = (_number(at(each.properties, lower.path), lower.default) for each in (before, after))
    if one is not None and other is not None and other < one:
        was = "indefinitely" if one == math.inf else f"for {one:g} {lower.unit}"
        message = f"{before.shown} kept its data {was}, and now keeps it for {other:g} {lower.unit}"
        yield _finding(RETENTION, before, after, lower.path, message, base, head)


def _number(value: Json, default: float) -> float | None:
    if value is None:
        return default
    try:
        return float(str(value))
    except ValueError:
        return None


def _expires(before: Resource, after: Resource, base: Resolved, head: Resolved) -> Iterator[Finding]:
    """Find items that expire based on a different attribute, or that did not expire before."""
    path = "TimeToLiveSpecification"
    one, other = (as_dict(each.properties.get(path)) for each in (before, after))
    if other.get("Enabled") and (one if one.get("Enabled") else {}) != other:
        message = f"{before.shown} now expires its items by {other.get('AttributeName')}"
        yield _finding(RETENTION, before, after, path, message, base, head)


def _lifecycle(before: Resource, after: Resource, base: Resolved, head: Resolved) -> Iterator[Finding]:
    """Find new bucket rules that expire objects."""
    path = "LifecycleConfiguration"
    one, other = (list(_expiring(each.properties)) for each in (before, after))
    if any(rule not in one for rule in other):
        message = f"{before.shown} has a new rule that expires objects"
        yield _finding(RETENTION, before, after, path, message, base, head)


def _expiring(properties: JsonObject) -> Iterator[str]:
    rules = as_dict(properties.get("LifecycleConfiguration")).get("Rules")
    for rule in rules if isinstance(rules, list) else ():
        found = {
            key: value
            for key, value in as_dict(rule).items()
            if key not in ("Id", "Transitions", "Transition", "AbortIncompleteMultipartUpload")
        }
        if found.get("Status") == "Enabled" and any("Expiration" in key for key in found):
            yield json.dumps(found, sort_keys=True)


def _finding(
    rule: Rule, before: Resource, after: Resource, path: str, message: str, base: Resolved, head: Resolved
) -> Finding:
    stack, keys, why = cause_of(base, head, before, after, path)
    place = head.stacks[stack].lines.position(*keys)
    return Finding(
        rule,
        f"{before.logical_id}.{path}",
        message,
        f"leave {path} as it was, or accept the finding with a reason",
        place.path,
        place.line,
        place.column,
        (why,) if why else (),
    )
