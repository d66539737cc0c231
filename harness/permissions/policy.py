"""Identity policies, evaluated as IAM does: an explicit Deny wins, then an Allow, else it is refused.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.permissions.condition import holds, listed
from harness.permissions.model import Decision, Need, PolicyDocument, Statement
from harness.permissions.wildcards import arn_like, like


def decide(policies: Iterable[PolicyDocument], need: Need, context: Mapping[str, str]) -> Decision:
    """Whether `policies` together give what is needed.

    `context` has the condition keys of every call of the role; those of `need` are added to it. What cannot
    be evaluated (see `condition.holds`) makes a statement not match, be it Allow or Deny.
    """
    known = {**context, **need.context}
    allow: Statement | None = None
    notes: list[str] = []
    for statement in _statements(policies):
        if not _on_action(statement, need.action):
            continue
        if not _on_resource(statement, need.resource):
            if statement["Effect"] == "Allow":
                notes.append(f"{name_of(statement)} is for {_resources(statement)}")
            continue
        matches, unknown = holds(statement.get("Condition", {}), known)
        notes += [f"{name_of(statement)}: {note}" for note in unknown]
        if matches and statement["Effect"] == "Deny":
            return Decision(False, statement, tuple(notes))
        if matches and allow is None:
            allow = statement
    return Decision(allow is not None, allow, tuple(notes))


def name_of(statement: Statement) -> str:
    """How to call a statement in a text: by its Sid, or by what it does."""
    if sid := statement.get("Sid"):
        return f"statement {sid}"
    key = "Action" if "Action" in statement else "NotAction"
    return f"the statement {statement['Effect']} {key} {', '.join(listed(statement[key]))}"


def _resources(statement: Statement) -> str:
    if "Resource" in statement:
        return ", ".join(listed(statement["Resource"]))
    return f"all but {', '.join(listed(statement['NotResource']))}"


def _statements(policies: Iterable[PolicyDocument]) -> Iterator[Statement]:
    for policy in policies:
        statements = policy["Statement"]
        yield from [statements] if isinstance(statements, Mapping) else statements


def _on_action(statement: Statement, action: str) -> bool:
    """Actions do not tell upper from lower case."""
    key = "Action" if "Action" in statement else "NotAction"
    matches = any(like(pattern.lower(), action.lower()) for pattern in listed(statement[key]))
    return matches if key == "Action" else not matches


def _on_resource(statement: Statement, resource: str | None) -> bool:
    if resource is None:
        # Not known which: let an Allow match on any resource, and a Deny only if it spares none.
        return statement["Effect"] == "Allow" or "*" in listed(statement.get("Resource", ()))
    key = "Resource" if "Resource" in statement else "NotResource"
    matches = any(arn_like(pattern, resource) for pattern in listed(statement[key]))
    return matches if key == "Resource" else not matches
