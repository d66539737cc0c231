"""Policies of a project's roles and resources. Each statement has its location in the template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.cloudformation.faults import Key
from harness.cloudformation.managed_policies import MARK, document
from harness.gate.comparing import parsed
from harness.gate.resolved import Resolved, Resource
from harness.gate.standins import StandIn
from harness.gate.statements import Statement, statement_of, statements_in, texts_of
from harness.json_types import Json, as_dict
from harness.scenario.position import Position
from harness.stack.lines import POLICIES
from harness.stack.template import written

HOLDERS: Final = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
TRUST: Final = "AssumeRolePolicyDocument"
PERMISSION: Final = "AWS::Lambda::Permission"
LAYER_PERMISSION: Final = "AWS::Lambda::LayerVersionPermission"
_LOGS: Final = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_TRACES: Final = (
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
BASICS: Final = (*_LOGS, *_TRACES)
"""Actions for logs and traces, which every function is allowed to perform."""
_MACHINE: Final = "AWS::StepFunctions::StateMachine"


@dataclass(frozen=True)
class Granted:
    """A statement with its resource, and the keys of its location in the resource's template.

    `of_aws` is the name of the AWS managed policy that contains it; "" for the template's own policies.
    """

    statement: Statement
    holder: Resource
    keys: tuple[Key, ...]
    role: str = ""
    policy: str = ""
    index: int = 0
    of_aws: str = ""

    def place(self, side: Resolved) -> Position:
        """Return the location of the statement."""
        lines = side.stacks[self.holder.stack].lines
        if self.policy:
            return lines.position(*lines.statement(self.role, self.policy, self.index))
        return lines.position(*self.keys)


@dataclass(frozen=True)
class Holder:
    """A role, user or group, with the statements in its policies, including AWS managed policies.

    `managed` are the policies outside the template; AWS managed policies are listed by name. `unknown` are
    the managed policies whose statements are not in `granted`.
    """

    resource: Resource
    granted: tuple[Granted, ...] = ()
    managed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    boundary: str = ""

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return the statements in all known policies."""
        return tuple(each.statement for each in self.granted)


def holders(side: Resolved) -> Iterator[Holder]:
    """Yield the roles, users and groups in all stacks."""
    resources = list(side.resources.values())
    managed = {_stand_in(each, side).arn: each for each in resources if each.type.endswith("::ManagedPolicy")}
    for resource in resources:
        if resource.type in HOLDERS:
            arns = list(texts_of(resource.properties.get("ManagedPolicyArns")))
            beside = [each for each in resources if _is_attached(each, resource, side)]
            beside += [managed[arn] for arn in arns if arn in managed and managed[arn] not in beside]
            granted = [*_inline(resource), *(each for policy in beside for each in _beside(policy))]
            others = tuple(arn.partition(MARK)[2] or arn for arn in arns if arn not in managed)
            granted += (each for name in others for each in _of_aws(resource, name, side))
            boundary = next(texts_of(resource.properties.get("PermissionsBoundary")), "")
            unknown = tuple(name for name in others if document(name) is None)
            yield Holder(resource, tuple(granted), others, unknown, boundary)


def _of_aws(holder: Resource, name: str, side: Resolved) -> Iterator[Granted]:
    """Yield the statements in an AWS managed policy, each at the location that attaches the policy."""
    for index, statement in statements_in(document(name)):
        keys = managed_keys(holder, name, side)
        yield Granted(statement, holder, keys, index=index, of_aws=name)


def _inline(resource: Resource) -> Iterator[Granted]:
    policies = resource.properties.get("Policies")
    for number, policy in enumerate(policies if isinstance(policies, list) else ()):
        name = str(as_dict(policy).get("PolicyName", ""))
        keys: tuple[Key, ...] = ("Resources", resource.logical_id, "Properties", "Policies", number)
        for index, statement in statements_in(parsed(as_dict(policy).get("PolicyDocument"))):
            where = (*keys, "PolicyDocument", "Statement", index)
            yield Granted(statement, resource, where, resource.logical_id, name, index)


def _beside(policy: Resource) -> Iterator[Granted]:
    keys: tuple[Key, ...] = ("Resources", policy.logical_id, "Properties", "PolicyDocument", "Statement")
    for index, statement in statements_in(parsed(policy.properties.get("PolicyDocument"))):
        yield Granted(statement, policy, (*keys, index))


def _is_attached(policy: Resource, holder: Resource, side: Resolved) -> bool:
    kind = holder.type.rpartition("::")[2]
    if policy.type not in POLICIES and policy.type != f"AWS::IAM::{kind}Policy":
        return False
    names = {*texts_of(policy.properties.get(f"{kind}s")), *texts_of(policy.properties.get(f"{kind}Name"))}
    return _stand_in(holder, side).name in names


def _stand_in(resource: Resource, side: Resolved) -> StandIn:
    return side.stand_in(resource.address)


def trust(resource: Resource) -> Iterator[Granted]:
    """Yield the statements in a role's trust policy."""
    keys: tuple[Key, ...] = ("Resources", resource.logical_id, "Properties", TRUST, "Statement")
    for index, statement in statements_in(parsed(resource.properties.get(TRUST))):
        yield Granted(statement, resource, (*keys, index))


def resource_policies(resource: Resource) -> Iterator[Granted]:
    """Yield the statements with principals anywhere in a resource, except trust policies."""
    own: tuple[Key, ...] = ("Resources", resource.logical_id, "Properties")
    if resource.type in (PERMISSION, LAYER_PERMISSION):
        yield Granted(statement_of(_of_permission(resource)), resource, (*own, "Principal"))
    elif resource.type == "AWS::Events::EventBusPolicy" and "Principal" in resource.properties:
        yield Granted(statement_of({"Effect": "Allow", **resource.properties}), resource, (*own, "Principal"))
    elif resource.type not in (*HOLDERS, *POLICIES, _MACHINE):
        for keys, statement in _with_principals(resource.properties, own):
            yield Granted(statement, resource, keys)


def _with_principals(value: Json, keys: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], Statement]]:
    value = parsed(value)
    if isinstance(value, dict):
        if "Effect" in value and ("Principal" in value or "NotPrincipal" in value):
            yield keys, statement_of(value)
            return
        for key, entry in value.items():
            yield from _with_principals(entry, (*keys, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _with_principals(entry, (*keys, index))


def _of_permission(resource: Resource) -> dict[str, Json]:
    """Convert a Lambda permission into the statement that it adds to the function's policy."""
    properties = resource.properties
    principal = str(properties.get("Principal", ""))
    equals: dict[str, Json] = {}
    for name, key in (
        ("SourceAccount", "aws:SourceAccount"),
        ("PrincipalOrgID", "aws:PrincipalOrgID"),
        ("OrganizationId", "aws:PrincipalOrgID"),
    ):
        if properties.get(name):
            equals[key] = properties[name]
    condition: dict[str, Json] = {"StringEquals": equals} if equals else {}
    if properties.get("SourceArn"):
        condition["ArnLike"] = {"aws:SourceArn": properties["SourceArn"]}
    kind = "Service" if ".amazon" in principal or principal.endswith(".aws") else "AWS"
    return {
        "Effect": "Allow",
        "Principal": {kind: principal},
        "Action": properties.get("Action"),
        "Resource": properties.get("FunctionName") or properties.get("LayerVersionArn") or "*",
        "Condition": condition,
    }


def managed_keys(role: Resource, arn: str, side: Resolved) -> tuple[Key, ...]:
    """Return the keys of the entry that attaches an AWS managed policy to a role.

    It is in `Policies` if SAM creates the role.
    """
    stack = side.stacks[role.stack]
    owner, key = stack.lines.maker(role.logical_id) or role.logical_id, "ManagedPolicyArns"
    source = stack.source if owner == role.logical_id else written(stack.template)
    if owner != role.logical_id:
        key = "Policies"
    declared = as_dict(as_dict(as_dict(source.get("Resources")).get(owner)).get("Properties")).get(key)
    within: tuple[Key, ...] = ("Resources", owner, "Properties", key)
    name = arn.rpartition("/")[2]
    for number, entry in enumerate(declared if isinstance(declared, list) else ()):
        if name in json.dumps(entry):
            return (*within, number)
    return within
