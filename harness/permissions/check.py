"""Compares the calls that were made with what the policies of their roles allow."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.permissions.model import Decision, Denial, Need, PolicyDocument, RoleCall
from harness.permissions.needs import Place, needs
from harness.permissions.policy import decide, name_of

# A statement with more resources than this is written with a wildcard.
MANY = 3


@dataclass
class _Refused:
    decision: Decision
    resources: dict[str, None] = field(default_factory=dict)
    callers: dict[str, None] = field(default_factory=dict)


def check(
    calls: Iterable[RoleCall],
    policies: Mapping[str, tuple[PolicyDocument, ...]],
    account_id: str,
    region: str,
) -> tuple[Denial, ...]:
    """What AWS would refuse: one Denial per role and action, in the order of the calls.

    `policies` is role ARN -> policy documents; calls of other roles are not checked. Only the roles' own
    policies count: no resource policies, permission boundaries or service control policies.
    """
    refused: dict[tuple[str, str, bool], _Refused] = {}
    for made in calls:
        if made.role_arn not in policies:
            continue
        place = Place(_partition(made.role_arn), region, account_id)
        for need in needs(made.call, place):
            decision = decide(policies[made.role_arn], need, _context(made.role_arn, need, place))
            if decision.allowed:
                continue
            key = (made.role_arn, need.action, decision.statement is None)
            entry = refused.setdefault(key, _Refused(decision))
            entry.callers[made.caller] = None
            if need.resource is not None:
                entry.resources[need.resource] = None
    return tuple(
        Denial(
            role_arn=role,
            action=action,
            resources=tuple(entry.resources),
            callers=tuple(entry.callers),
            reason=_reason(entry.decision),
            statement=_missing(action, tuple(entry.resources), Place(_partition(role), region, account_id))
            if entry.decision.statement is None
            else "",
        )
        for (role, action, _), entry in refused.items()
    )


def _context(role_arn: str, need: Need, place: Place) -> dict[str, str]:
    """The condition keys that are known of every call: it is made by a role, with TLS, in this region.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    owner = (need.resource or "").split(":")[4:5]
    return {
        "aws:PrincipalArn": role_arn,
        "aws:PrincipalAccount": place.account_id,
        "aws:PrincipalType": "AssumedRole",
        "aws:RequestedRegion": place.region,
        "aws:ResourceAccount": (owner[0] if owner else "") or place.account_id,
        "aws:SecureTransport": "true",
    }


def _reason(decision: Decision) -> str:
    if decision.statement is not None:
        return f"{name_of(decision.statement)} denies it"
    return "no statement allows it" + "".join(f"; {note}" for note in dict.fromkeys(decision.notes))


def _missing(action: str, resources: tuple[str, ...], place: Place) -> str:
    """The statement as YAML of a CloudFormation template, without account, region or partition in it."""
    if len(resources) > MANY:
        # Character by character is meant: names such as bucket-001 and bucket-002 become bucket-00*.
        resources = (os.path.commonprefix(resources) + "*",)  # noqa: RUF071
    lines = ["- Effect: Allow", f"  Action: {action}"]
    texts = [_portable(resource, place) for resource in resources or ("*",)]
    if len(texts) == 1:
        lines.append(f"  Resource: {texts[0]}")
    else:
        lines += ["  Resource:", *(f"    - {text}" for text in texts)]
    return "\n".join(lines)


def _portable(resource: str, place: Place) -> str:
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return json.dumps(resource)
    _, _, service, region, account, rest = parts
    region = "${AWS::Region}" if region == place.region else region
    account = "${AWS::AccountId}" if account == place.account_id else account
    return "!Sub " + json.dumps(f"arn:${{AWS::Partition}}:{service}:{region}:{account}:{rest}")


def _partition(arn: str) -> str:
    return arn.split(":")[1]
