"""Compare required permissions with the policies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.observe.access import Access, PolicyDocument, Role
from harness.observe.model import Observation
from harness.permissions.keys import needs_of_key
from harness.permissions.model import (
    BOUNDARY,
    ORGANIZATION,
    RESOURCE,
    Assumption,
    Context,
    Decision,
    Denial,
    Need,
    Principal,
    Request,
)
from harness.permissions.parameters import Place
from harness.permissions.policy import (
    decide,
    decide_with_key_policy,
    decide_with_resource,
    decide_within,
    granted_to_session,
    name_of,
    trusted,
)
from harness.permissions.requests import assumptions, place_of, requests
from harness.permissions.statement import missing_statement, missing_trust, stack_of

ASSUME = "sts:AssumeRole"
LOGS, LOGS_USE = "logs.amazonaws.com", ("kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey")
SERVICE_LINKED = ":role/aws-service-role/"


@dataclass
class _Refused:
    decision: Decision
    resources: dict[str, None] = field(default_factory=dict)
    callers: dict[str, None] = field(default_factory=dict)


def check(observation: Observation) -> tuple[Denial, ...]:
    """Return the calls that AWS rejects: one Denial per role and action, in call order.

    Roles outside the template, and roles with an unreadable policy, are not checked.
    """
    return (*_untrusted(observation), *_unusable_keys(observation), *_refused(observation))


def decisions(observation: Observation) -> Iterator[tuple[Request, Decision]]:
    """Yield each need of a role with known policies, with the decision. Yield identical needs only once."""
    access = observation.access
    times = _times(observation)
    seen: set[tuple[str, str, str, str | None, str]] = set()
    for request in requests(observation):
        role = access.roles.get(request.role_arn)
        if role is None or role.unread:
            continue
        need = request.need
        key = (role.arn, request.caller, need.action, need.resource, str(need.context))
        if key not in seen:
            seen.add(key)
            yield request, _decision(request, role, access, place_of(role.arn, observation), times)


def _decision(request: Request, role: Role, access: Access, place: Place, times: Context) -> Decision:
    need, context = request.need, {**_context(request, role, place), **times}
    principal = Principal(role_arn=role.arn)
    found = decide(role.policies, need, context)
    policy = _policy_of(need, access)
    if policy is not None and need.action.startswith("kms:"):
        found = decide_with_key_policy(found, policy, need, context, principal)
    elif policy is not None:
        same = context["aws:ResourceAccount"] == place.account_id
        found = decide_with_resource(found, policy, need, context, principal, same)
    if role.boundary is not None:
        within = decide_within(found, (role.boundary,), need, context, BOUNDARY)
        by_session = policy is not None and granted_to_session(policy, need, context, principal)
        found = within if within.denied or not by_session else found
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html ("SCPs do not
    # affect any service-linked role")
    if SERVICE_LINKED in role.arn:
        return found
    return decide_within(found, access.organization, need, context, ORGANIZATION)


def _policy_of(need: Need, access: Access) -> PolicyDocument | None:
    """Return the policy of an action's resource. For an object, it is the bucket's policy."""
    resource = need.resource or ""
    if need.action.startswith("kms:"):
        return access.keys.policies.get(resource)
    holder = resource.partition("/")[0] if resource.startswith("arn:") and ":s3:::" in resource else resource
    return access.resource_policies.get(holder)


def _refused(observation: Observation) -> Iterator[Denial]:
    refused: dict[tuple[str, str, str, tuple[str, int] | None], _Refused] = {}
    for request, decision in decisions(observation):
        if not decision.allowed:
            key = (request.role_arn, request.need.action, decision.kind, decision.place)
            entry = refused.setdefault(key, _Refused(decision))
            entry.callers[request.caller] = None
            if request.need.resource is not None:
                entry.resources[request.need.resource] = None
    for (role, action, kind, _), entry in refused.items():
        resources, place = tuple(entry.resources), place_of(role, observation)
        statement = ""
        if not entry.decision.denied:
            # A resource policy names the principal. A key policy applies only to its own key.
            principal = role if kind == RESOURCE else ""
            about = ("*",) if action.startswith("kms:") and principal else resources
            within = observation.access.within(stack_of(observation.access, role))
            statement = missing_statement(action, about, place, within, principal)
        yield Denial(
            role_arn=role,
            action=action,
            resources=resources,
            callers=tuple(entry.callers),
            reason=_reason(entry.decision, action),
            statement=statement,
            kind=kind,
            place=entry.decision.place,
        )


def trust_decisions(observation: Observation) -> Iterator[tuple[Role, Decision]]:
    """Yield each assumed role in the template, with the decision from its trust policy."""
    for _, role, decision in _assumed(observation):
        yield role, decision


def _assumed(observation: Observation) -> Iterator[tuple[Assumption, Role, Decision]]:
    for made in dict.fromkeys(assumptions(observation)):
        role = observation.access.roles.get(made.role_arn)
        if role is not None:
            account = place_of(role.arn, observation).account_id
            context = {"aws:SourceAccount": account, "aws:SourceArn": made.source_arn}
            need = Need(ASSUME, None, context)
            yield made, role, trusted(role.trust, need, {}, Principal(service=made.service))


def _untrusted(observation: Observation) -> Iterator[Denial]:
    """Yield the roles that a service cannot assume. Such a role has no effect at all."""
    refused: dict[tuple[str, str], tuple[Decision, dict[str, None]]] = {}
    for made, role, decision in _assumed(observation):
        if not decision.allowed:
            _, callers = refused.setdefault((role.arn, made.service), (decision, {}))
            callers[made.caller] = None
    for (role_arn, service), (decision, callers) in refused.items():
        why = "because no statement in the role's trust policy allows it"
        if decision.statement is not None:
            why = f"because {name_of(decision.statement)} denies it"
        reason = f"{service} is not authorized to perform: {ASSUME} {why}{_notes(decision)}"
        statement = missing_trust(ASSUME, service) if decision.statement is None else ""
        yield Denial(role_arn, ASSUME, (), tuple(callers), reason, statement, trust=True)


def _unusable_keys(observation: Observation) -> Iterator[Denial]:
    """Yield log groups whose key CloudWatch Logs is not authorized to use. AWS does not create them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    keys = observation.access.keys
    for group, key in keys.encrypts.items():
        if ":log-group:" not in group:
            continue
        place = Place(group.split(":")[1], observation.region, observation.account_id)
        for need in needs_of_key(LOGS_USE, key, "logs", {"aws:logs:arn": group}, keys, place):
            context = {"aws:SourceArn": group, "aws:SourceAccount": place.account_id}
            decision = trusted(keys.policies[key], need, context, Principal(service=LOGS))
            if not decision.allowed:
                yield Denial(
                    role_arn=LOGS,
                    action=need.action,
                    resources=(key,),
                    callers=(f"log group {group.partition(':log-group:')[2]}",),
                    reason=_reason(decision, need.action),
                    statement=_for_logs(need.action) if decision.statement is None else "",
                    kind=RESOURCE,
                )
                break


def _for_logs(action: str) -> str:
    return f'- Effect: Allow\n  Principal: {{Service: {LOGS}}}\n  Action: {action}\n  Resource: "*"'


def _times(observation: Observation) -> Context:
    """Return the condition keys for the time of a call. For every call, it is the start of the first run."""
    started = min((run.execution.started_at for run in observation.runs), default=None)
    if started is None:
        return {}
    moment, epoch_s = started.isoformat(), str(int(started.timestamp()))
    return {"aws:CurrentTime": moment, "aws:EpochTime": epoch_s, "aws:TokenIssueTime": moment}


def _context(request: Request, role: Role, place: Place) -> Context:
    """Return the condition keys that are known for every call: made by a role, with TLS, in this Region.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    owner = (request.need.resource or "").split(":")[4:5]
    context = {
        "aws:PrincipalArn": request.role_arn,
        "aws:PrincipalAccount": place.account_id,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:RequestedRegion": place.region,
        "aws:ResourceAccount": (owner[0] if owner else "") or place.account_id,
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        **{f"aws:PrincipalTag/{key}": value for key, value in role.tags.items()},
    }
    kind, _, name = request.caller.partition(" ")
    if kind == "function":
        context["lambda:SourceFunctionArn"] = place.arn("lambda", f"function:{name}")
    return context


def _reason(decision: Decision, action: str) -> str:
    """Return the reason in the wording of AWS's message, and why statements about the action do not match.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    if decision.statement is not None:
        article = "an" if decision.kind[0] in "aeiou" else "a"
        return f"with an explicit deny in {article} {decision.kind}: {name_of(decision.statement)}"
    return f"because no {decision.kind} allows the {action} action" + _notes(decision)


def _notes(decision: Decision) -> str:
    return "".join(f"; {note}" for note in dict.fromkeys(decision.notes))
