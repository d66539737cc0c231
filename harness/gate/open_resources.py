"""Compare the principals that resource policies and settings allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harness.gate.access_rules import CROSS_ACCOUNT, DENY, GRANTED, PUBLIC, TRUST
from harness.gate.audience import Audience, audience_of
from harness.gate.data_loss import in_head
from harness.gate.finding import Finding, Rule
from harness.gate.grants import Granted, resource_policies, trust
from harness.gate.open_settings import setting_findings
from harness.gate.place_of_access import finding_at, in_words, many
from harness.gate.resolved import Address, Resolved, Resource
from harness.gate.statements import Statement, condition_covers, uncovered

Before = Mapping[Address, Resource]
_Statements = Callable[[Resource], Iterator[Granted]]
_RULES: Final[Mapping[Audience, Rule]] = {"everybody": PUBLIC, "another account": CROSS_ACCOUNT}
_REMEDIES: Final[Mapping[str, str]] = {
    PUBLIC.id: "name the required principals in Principal, or add a condition such as aws:SourceAccount",
    CROSS_ACCOUNT.id: "remove the account, or accept the finding with a reason",
    TRUST.id: "name only the principals that require the role, or accept the finding with a reason",
    GRANTED.id: "limit it with aws:SourceArn and aws:SourceAccount, or accept the finding with a reason",
}


@dataclass(frozen=True)
class _Side:
    """The statements with principals on one side, by the resource that has them."""

    of: Mapping[Address, tuple[Granted, ...]]

    def like(self, address: Address | None, resource: Resource) -> list[Statement]:
        """Return the statements of a resource, including those in separate policies."""
        return [
            each.statement
            for other, granted in self.of.items()
            for each in granted
            if other == address or (_stands_alone(resource) and each.holder.type == resource.type)
        ]


def _stands_alone(resource: Resource) -> bool:
    """Return whether a resource is only a policy for another resource."""
    return resource.type.endswith(("Policy", "Permission"))


def resource_findings(base: Resolved, head: Resolved, before: Before) -> Iterator[Finding]:
    """Find principals with new access to a resource or a role."""
    yield from setting_findings(head, before)
    yield from _compared(trust, base, head, before, TRUST)
    yield from _compared(resource_policies, base, head, before, GRANTED)


def _compared(
    statements: _Statements, base: Resolved, head: Resolved, before: Before, otherwise: Rule
) -> Iterator[Finding]:
    old = _Side({address: tuple(statements(each)) for address, each in base.resources.items()})
    new = _Side({address: tuple(statements(each)) for address, each in head.resources.items()})
    for address, granted in new.of.items():
        was = before.get(address)
        resource = head.resources[address]
        earlier = old.like(was.address if was else None, resource) if granted else []
        for each in granted:
            yield from _of_statement(each, earlier, head, otherwise, is_new=was is None)
    yield from _denied_less(old, new, base, head, before)


def _of_statement(
    granted: Granted, earlier: list[Statement], head: Resolved, otherwise: Rule, *, is_new: bool
) -> Iterator[Finding]:
    if not granted.statement.allows:
        return
    found: dict[tuple[Rule, str], dict[str, None]] = {}
    parts: dict[tuple[Rule, str], Statement] = {}
    for part in granted.statement.parts:
        audience = audience_of(part, head.account)
        rule = _RULES.get(audience, otherwise)
        if is_new and rule is otherwise and not _is_of_old(granted.holder):
            continue
        if actions := [action for action, _ in uncovered(part, earlier)]:
            who = _who(part, audience)
            found.setdefault((rule, who), {}).update(dict.fromkeys(actions))
            parts.setdefault((rule, who), part)
    name = granted.holder.logical_id
    for (rule, who), added in found.items():
        shown = many(added)
        why = _why(parts[rule, who], added, earlier)
        if granted.holder.type == "AWS::IAM::Role":
            message = f"{who} can now assume {name} ({shown}){why}"
        else:
            on = in_words(granted.statement.resources.values, head)
            about = f" on {on}" if on not in ("*", "") else ""
            message = f"{granted.holder.shown} now lets {who} perform {shown}{about}{why}"
        yield finding_at(rule, f"{name}: {who}: {shown}", message, _REMEDIES[rule.id], granted.place(head))


def _is_of_old(holder: Resource) -> bool:
    """Return whether a new resource may affect an older one, because it is only a policy."""
    return holder.type == "AWS::S3::BucketPolicy"


def _who(part: Statement, audience: Audience) -> str:
    if audience == "everybody":
        return "everybody"
    name = part.principals.values[0].partition(":")[2] if part.principals.values else ""
    if name == "*":
        return f"{audience} (by a condition)"
    return f"{audience} ({name})" if audience == "another account" else name


def _why(part: Statement, actions: Iterable[str], earlier: Iterable[Statement]) -> str:
    """Return the conditions that the same actions had before."""
    keys = {
        each.spelled[key]
        for each in earlier
        if each.allows
        and any(each.actions.covers(action.lower()) for action in actions)
        and each.principals.covers_all(part.principals)
        and not condition_covers(each.condition, part.condition)
        for _, key in each.condition
    }
    return f", previously only under another condition on {', '.join(sorted(keys))}" if keys else ""


def _denied_less(old: _Side, new: _Side, base: Resolved, head: Resolved, before: Before) -> Iterator[Finding]:
    after = {was.address: address for address, was in before.items()}
    for address, granted in old.of.items():
        for each in granted:
            part = each.statement
            if part.allows:
                continue
            now = after.get(address)
            others = new.like(now, each.holder)
            if any(not other.allows and _covers(other, part) for other in others):
                continue
            if now is None and not _stands_alone(each.holder):
                continue
            yield _of_denial(each, now, base, head)


def _covers(wider: Statement, part: Statement) -> bool:
    return (
        wider.actions.covers_all(part.actions)
        and wider.resources.covers_all(part.resources)
        and wider.principals.covers_all(part.principals)
        and condition_covers(wider.condition, part.condition)
    )


def _of_denial(granted: Granted, now: Address | None, base: Resolved, head: Resolved) -> Finding:
    part, name = granted.statement, granted.holder.logical_id
    shown = many(part.entries)
    keys = ", ".join(sorted(part.spelled[key] for _, key in part.condition))
    message = f"{granted.holder.shown} denied {shown}{f' by {keys}' if keys else ''}, and no longer does"
    remedy = "keep the statement that denies it, or accept the finding with a reason"
    if now is not None:
        place = head.stacks[now[0]].lines.position("Resources", now[1], *granted.keys[2:-1])
        return finding_at(DENY, f"{name}: {shown}", message, remedy, place)
    place = granted.place(base)
    details = (f"line {place.line} refers to {base.label}",)
    found = finding_at(DENY, f"{name}: {shown}", message, remedy, place, details)
    return Finding(
        found.rule,
        found.subject,
        message,
        remedy,
        in_head(place.path, base, head),
        place.line,
        place.column,
        details,
    )
