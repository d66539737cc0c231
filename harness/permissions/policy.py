"""Evaluate policies like IAM: an explicit Deny wins, then an Allow. The default is a denial.

Within one account, an Allow in the role's policies or in the resource policy is enough. Across accounts, both
must allow. A permissions boundary and the organization's policies limit the result. Session policies are not
evaluated.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from harness.observe.access import NamedPolicy, PolicyDocument
from harness.permissions.condition import holds, listed
from harness.permissions.model import (
    ORGANIZATION,
    RESOURCE,
    Context,
    Decision,
    Grant,
    Need,
    Principal,
    Statement,
)
from harness.permissions.principal import Match, Matcher, matched
from harness.permissions.wildcards import arn_like, filled, like


@dataclass(frozen=True)
class _Held:
    """A statement with its location."""

    policy: str
    index: int
    statement: Statement
    variables: bool

    def patterns(self, key: str, known: Context) -> list[tuple[str, str]]:
        """Return the Resource or NotResource entries, both as written and with their variables replaced."""
        if key not in self.statement:
            return []
        texts = listed(self.statement[key])
        return [
            (text, value)
            for text in texts
            if (value := filled(text, known) if self.variables else text) is not None
        ]


def decide(policies: Iterable[NamedPolicy], need: Need, context: Context) -> Decision:
    """Return the combined decision of a role's own `policies`.

    `context` contains the condition keys for every call from the role. The keys in `need` are added to it.
    """
    held = [h for policy in policies for h in _statements(policy.name, policy.document)]
    return _decide(held, need, {**context, **need.context}, lambda _: Match.GRANTS)


def decide_with_resource(
    own: Decision, policy: PolicyDocument, need: Need, context: Context, principal: Principal, same: bool
) -> Decision:
    """Return the decision that combines a role's own policies with a resource policy.

    `same`: role and resource are in the same account.
    """
    theirs = trusted(policy, need, context, principal)
    if own.denied:
        return own
    if theirs.denied:
        return theirs
    if same:
        return own if own.allowed or not theirs.allowed else replace(theirs, grants=())
    if own.allowed and not theirs.allowed:
        return theirs
    return own


def decide_with_key_policy(
    own: Decision, policy: PolicyDocument, need: Need, context: Context, principal: Principal
) -> Decision:
    """Return the decision about a KMS key.

    The role's policies count only if the key policy names the account.

    https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
    """
    theirs = trusted(policy, need, context, principal)
    if own.denied:
        return own
    if theirs.denied:
        return theirs
    if theirs.allowed:
        return own if own.allowed else replace(theirs, grants=())
    delegated = _trusted(policy, need, context, principal, Match.DELEGATES)
    return own if delegated.allowed else theirs


def decide_within(
    decision: Decision, limits: Iterable[NamedPolicy], need: Need, context: Context, kind: str
) -> Decision:
    """Return the decision within a permissions boundary, or within the organization's policies (`kind`).

    Organization policies with only Deny statements are combined with the FullAWSAccess policy that every
    account has.
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
    """
    policies = list(limits)
    if not policies:
        return decision
    within = replace(decide(policies, need, context), kind=kind, grants=())
    only_denies = kind == ORGANIZATION and not any(
        statement["Effect"] == "Allow" for policy in policies for statement in statements(policy.document)
    )
    if decision.denied:
        return decision
    if within.denied:
        return within
    return decision if within.allowed or only_denies or not decision.allowed else within


def trusted(policy: PolicyDocument, need: Need, context: Context, principal: Principal) -> Decision:
    """Return a resource policy's or trust policy's decision for the principal."""
    return _trusted(policy, need, context, principal, Match.TO_ROLE)


def granted_to_session(policy: PolicyDocument, need: Need, context: Context, principal: Principal) -> bool:
    """Return whether a resource policy allows the role in a form that no permissions boundary limits."""
    return _trusted(policy, need, context, principal, Match.GRANTS).allowed


def _trusted(
    policy: PolicyDocument, need: Need, context: Context, principal: Principal, least: Match
) -> Decision:
    """Return the decision from the statements that name the principal at least in this form.

    A Deny always counts.
    """

    def match(statement: Statement) -> Match:
        found = matched(statement, principal)
        if statement["Effect"] == "Deny" or found is Match.NONE:
            return found
        return Match.GRANTS if found.value >= least.value else Match.DELEGATES

    held = list(_statements("", policy))
    return replace(_decide(held, need, {**context, **need.context}, match), kind=RESOURCE)


def _decide(held: Iterable[_Held], need: Need, context: Context, match: Matcher) -> Decision:
    known = {key.casefold(): value for key, value in context.items()}
    allow: Statement | None = None
    grants: list[Grant] = []
    notes: list[str] = []
    for entry in held:
        statement = entry.statement
        allows = statement["Effect"] == "Allow"
        who = match(statement)
        if who is Match.NONE or (allows and who is not Match.GRANTS):
            continue
        if (actions := _on_action(statement, need.action)) is None:
            continue
        if (resources := _on_resource(entry, need, known)) is None:
            if allows:
                notes.append(f"{name_of(statement)} is for {_resources(statement)}")
            continue
        condition = statement.get("Condition", {})
        assert isinstance(condition, dict), f"IAM rejects the condition {condition!r}"
        matches, why_not = holds(condition, known, entry.variables, unknown=allows)
        if allows:
            notes += [f"{name_of(statement)}: {note}" for note in why_not]
        if matches and not allows:
            return Decision(False, statement, tuple(notes), place=(entry.policy, entry.index))
        if matches:
            allow = allow or statement
            grants.append(Grant(entry.policy, entry.index, actions, resources))
    return Decision(allow is not None, allow, tuple(notes), tuple(grants))


def name_of(statement: Statement) -> str:
    """Return a statement's name for messages: its Sid, or its effect and actions."""
    if sid := statement.get("Sid"):
        return f"statement {sid}"
    key = "Action" if "Action" in statement else "NotAction"
    return f"the statement {statement['Effect']} {key} {', '.join(listed(statement[key]))}"


def statements(policy: PolicyDocument) -> tuple[Statement, ...]:
    """Return a policy's statements. A policy has a single statement or a list."""
    found = policy["Statement"]
    entries = found if isinstance(found, list) else [found]
    return tuple(entry for entry in entries if isinstance(entry, dict))


def _statements(name: str, policy: PolicyDocument) -> Iterator[_Held]:
    """Yield a policy's statements. Only the newer policy version has variables."""
    variables = policy.get("Version") == "2012-10-17"
    for index, statement in enumerate(statements(policy)):
        yield _Held(name, index, statement, variables)


def _resources(statement: Statement) -> str:
    if "Resource" in statement:
        return ", ".join(listed(statement["Resource"]))
    return f"all but {', '.join(listed(statement['NotResource']))}"


def _on_action(statement: Statement, action: str) -> tuple[str, ...] | None:
    """Return the matching patterns (empty for NotAction). Actions are case-insensitive."""
    key = "Action" if "Action" in statement else "NotAction"
    found = tuple(p for p in listed(statement[key]) if like(p.lower(), action.lower()))
    if key == "Action":
        return found or None
    return None if found else ()


def _on_resource(entry: _Held, need: Need, known: Context) -> tuple[str, ...] | None:
    """Return the matching patterns. Empty for NotResource and for a trust policy, which has neither."""
    statement, resource = entry.statement, need.resource
    if "Resource" not in statement and "NotResource" not in statement:
        return ()
    if resource is None:
        # Unknown resource: an Allow matches any resource. A Deny matches only if it excludes none.
        if statement["Effect"] == "Allow":
            return listed(statement.get("Resource", ()))
        return ("*",) if "*" in listed(statement.get("Resource", ())) else None
    if "Resource" in statement:
        lists = resource == "*" and statement["Effect"] == "Allow"
        found = (
            p
            for p, value in entry.patterns("Resource", known)
            if arn_like(value, resource) or (lists and _is_of_all(value, need.action))
        )
        return tuple(found) or None
    spared = any(arn_like(value, resource) for _, value in entry.patterns("NotResource", known))
    return None if spared else ()


def _is_of_all(pattern: str, action: str) -> bool:
    """Return whether a pattern matches all resources of a type, such as `arn:aws:events:*:*:rule/*`.

    The reference has such actions on "*", but AWS checks several of them on all resources of a type
    ("not authorized to perform: events:ListRules on resource: arn:aws:events:...:rule/*").
    """
    parts = pattern.split(":", 5)
    return len(parts) == 6 and parts[2] == action.partition(":")[0] and parts[5].endswith("*")
