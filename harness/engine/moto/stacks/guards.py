"""Checks for a stack's role, notification topics and rollback alarms."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from moto.iam.models import iam_backends
from moto.sns.models import sns_backends
from moto.utilities.utils import get_partition

from harness.engine.moto.stacks.model import ValidationError

_SERVICE: Final = "cloudformation.amazonaws.com"
_OF_CDK: Final = "cdk-*-cfn-exec-role-*"
"""The role from CDK's bootstrap stack. The engine does not create it but treats it as existing."""
_ALARM_TYPES: Final = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_ALARM: Final = re.compile(r"arn:[^:]+:cloudwatch:[^:]+:\d{12}:alarm:.+")


def check_role(arn: str | None, account_id: str, region: str) -> None:
    """Reject a role that CloudFormation cannot assume. Raises ValidationError.

    The role's permissions are not checked.
    """
    if not arn or fnmatchcase(arn.rpartition("/")[2], _OF_CDK):
        return
    roles = iam_backends[account_id][get_partition(region)].roles.values()
    role = next((each for each in roles if each.arn == arn), None)
    if role is None or not _trusts(role.assume_role_policy_document):
        raise ValidationError(
            message=f"Role {arn} is invalid or cannot be assumed"
            + ("" if role else ": the role does not exist; create it first, or leave RoleARN out")
        )


def _trusts(document: Any) -> bool:
    """Return whether a trust policy allows CloudFormation to assume a role."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    return any(
        isinstance(each, dict) and each.get("Effect") == "Allow" and _names(each.get("Principal"))
        for each in (statements if isinstance(statements, list) else [statements])
    )


def _names(principal: Any) -> bool:
    if isinstance(principal, dict):
        services, accounts = (_list(principal.get(key)) for key in ("Service", "AWS"))
        return _SERVICE in services or "*" in accounts
    return bool(principal == "*")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def check_topics(arns: Sequence[str] | None, account_id: str) -> None:
    """Reject notification topics that do not exist. Raises ValidationError."""
    for arn in arns or ():
        parts = arn.split(":")
        region = parts[3] if len(parts) == 6 and parts[2] == "sns" else None
        if region is None or arn not in sns_backends[account_id][region].topics:
            raise ValidationError(message=f"Notification ARN {arn} is invalid: the topic does not exist")


def check_rollback(configuration: Mapping[str, Any] | None) -> None:
    """Reject rollback triggers that are not alarms. Raises ValidationError.

    In the engine, a deployment takes no time, so no alarm can be triggered during a deployment.
    """
    for trigger in (configuration or {}).get("RollbackTriggers") or []:
        if trigger.get("Type") not in _ALARM_TYPES:
            raise ValidationError(message="Rollback Trigger Type not supported")
        if not _ALARM.fullmatch(str(trigger.get("Arn"))):
            raise ValidationError(message="RelativeId of a Rollback Trigger's ARN is incorrect")
