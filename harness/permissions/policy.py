"""Policies, evaluated as IAM does: an explicit Deny wins, then an Allow, else it is refused.

Within one account an Allow in either the role's policies or the resource's is enough; across accounts both
must allow. Permission boundaries, session policies and policies of an organization are not looked at.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.observe.access import NamedPolicy, PolicyDocument
from harness.permissions.condition import holds, listed
from harness.permissions.model import (
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
    """A statement in its place."""

    policy: str
    index: int
    statement: Statement
    variables: bool

    def patterns(self, key: str, known: Context) -> list[tuple[str, str]]:
        """The entries of Resource or NotResource, as they are and with their variables replaced."""
        if key not in self.statement:
            return []
        texts = listed(self.statement[key])
        return [
            (text, value)
            for text in texts
            if (value := filled(text, known) if self.variables else text) is not None
        ]


def decide(policies: Iterable[NamedPolicy], need: Need, context: Context) -> Decision:
    """The decision of a role's own `policies` together.

    `context` has the condition keys of every call of the role; those of `need` are added to it.
    """
    held = [h for policy in policies for h in _statements(policy.name, policy.document)]
    return _decide(held, need, {**context, **need.context}, lambda _: Match.GRANTS)


def decide_with_resource(
    own: Decision, policy: PolicyDocument, need: Need, context: Context, principal: Principal, same: bool
) -> Decision:
    """The decision when the resource has a policy, too; `same` says that both are in one account."""
    theirs = trusted(policy, need, context, principal)
    if own.statement is not None and not own.allowed:
        return own
    if theirs.statement is not None and not theirs.allowed:
        return theirs
    if same:
        return own if own.allowed or not theirs.allowed else theirs
    if own.allowed and not theirs.allowed:
        return Decision(False, None, ("the policy of the resource does not allow it", *theirs.notes))
    return own


def trusted(policy: PolicyDocument, need: Need, context: Context, principal: Principal) -> Decision:
    """The decision of a resource policy or a trust policy for the principal."""
    held = list(_statements("", policy))
    return _decide(held, need, {**context, **need.context}, lambda s: matched(s, principal))


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
        if (resources := _on_resource(entry, need.resource, known)) is None:
            if allows:
                notes.append(f"{name_of(statement)} is for {_resources(statement)}")
            continue
        condition = statement.get("Condition", {})
        assert isinstance(condition, dict), f"IAM refuses the condition {condition!r}"
        matches, why_not = holds(condition, known, entry.variables)
        if allows:
            notes += [f"{name_of(statement)}: {note}" for note in why_not]
        if matches and not allows:
            return Decision(False, statement, tuple(notes))
        if matches:
            allow = allow or statement
            grants.append(Grant(entry.policy, entry.index, actions, resources))
    return Decision(allow is not None, allow, tuple(notes), tuple(grants))


def name_of(statement: Statement) -> str:
    """The name of a statement in a text: its Sid, or its effect and actions."""
    if sid := statement.get("Sid"):
        return f"statement {sid}"
    key = "Action" if "Action" in statement else "NotAction"
    return f"the statement {statement['Effect']} {key} {', '.join(listed(statement[key]))}"


def statements(policy: PolicyDocument) -> tuple[Statement, ...]:
    """The statements of a policy, which may be one or a list."""
    found = policy["Statement"]
    entries = found if isinstance(found, list) else [found]
    return tuple(entry for entry in entries if isinstance(entry, dict))


def _statements(name: str, policy: PolicyDocument) -> Iterator[_Held]:
    """Only policies of the newer version have variables."""
    variables = policy.get("Version") == "2012-10-17"
    for index, statement in enumerate(statements(policy)):
        yield _Held(name, index, statement, variables)


def _resources(statement: Statement) -> str:
    if "Resource" in statement:
        return ", ".join(listed(statement["Resource"]))
    return f"all but {', '.join(listed(statement['NotResource']))}"


def _on_action(statement: Statement, action: str) -> tuple[str, ...] | None:
    """The patterns that match (none are named by NotAction). Actions do not tell upper from lower case."""
    key = "Action" if "Action" in statement else "NotAction"
    found = tuple(p for p in listed(statement[key]) if like(p.lower(), action.lower()))
    if key == "Action":
        return found or None
    return None if found else ()


def _on_resource(entry: _Held, resource: str | None, known: Context) -> tuple[str, ...] | None:
    """The patterns that match (none are named by NotResource, and a trust policy has neither)."""
    statement = entry.statement
    if "Resource" not in statement and "NotResource" not in statement:
        return ()
    if resource is None:
        # Not known which: let an Allow match on any resource, and a Deny only if it spares none.
        if statement["Effect"] == "Allow":
            return listed(statement.get("Resource", ()))
        return ("*",) if "*" in listed(statement.get("Resource", ())) else None
    if "Resource" in statement:
        return tuple(p for p, value in entry.patterns("Resource", known) if arn_like(value, resource)) or None
    spared = any(arn_like(value, resource) for _, value in entry.patterns("NotResource", known))
    return None if spared else ()
