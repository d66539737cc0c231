"""Compare the permissions of the roles on two sides, by action and resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from harness.gate.access_rules import (
    ACTION,
    BOUNDARY,
    DENY,
    MANAGED,
    NEW_ROLE,
    PASS_ROLE,
    RUNS_AS,
    WIDER,
)
from harness.gate.finding import Finding, Rule
from harness.gate.grants import BASICS, Granted, Holder, holders, managed_keys
from harness.gate.place_of_access import finding_at, in_words, many
from harness.gate.resolved import Address, Resolved, Resource
from harness.gate.statements import (
    Statement,
    condition_covers,
    covers,
    denied,
    overlaps,
    statement_of,
    uncovered,
)
from harness.scenario.position import Position

Before = Mapping[Address, Resource]
"""Address of a resource in the head -> the same resource in the base."""
_RUNS_AS: Final = ("ExecutionRoleArn", "Role", "RoleArn", "ServiceRoleArn", "TaskRoleArn")
_BASICS: Final = statement_of({"Effect": "Allow", "Action": list(BASICS), "Resource": "*"})
_READING: Final = ("BatchGet", "Check", "Condition", "Describe", "Get", "Head", "List", "Query", "Scan")
_PASSING: Final = "iam:passrole"


@dataclass
class _New:
    """The permissions that one statement adds for one service.

    `actions` maps entries to their new actions.
    """

    granted: Granted
    rule: Rule
    actions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    resources: dict[str, None] = field(default_factory=dict)
    why: dict[str, None] = field(default_factory=dict)


def role_findings(base: Resolved, head: Resolved, before: Before) -> Iterator[Finding]:
    """Find new permissions for each role, user and group."""
    old = {each.resource.address: each for each in holders(base)}
    new = {each.resource.address: each for each in holders(head)}
    for address, holder in new.items():
        was = before.get(address)
        if was is not None and was.address in old:
            yield from _of_holder(old[was.address], holder, base, head)
        else:
            yield from _of_new(holder, head, before)
    yield from _run_as(old, new, base, head, before)


def _of_holder(was: Holder, now: Holder, base: Resolved, head: Resolved) -> Iterator[Finding]:
    name = now.resource.logical_id
    for new in _added(was, now, [each for each in now.granted if not each.of_aws]):
        shown, on, added = many(new.actions), in_words(new.resources, head), _expanded(new.actions)
        before = " or ".join(new.why) or "which was not allowed before"
        message = f"{name} can now perform {shown}{added} on {on}, {before}"
        remedy = (
            "name the roles that it passes, and restrict the service with the condition iam:PassedToService"
            if new.rule is PASS_ROLE
            else "name only the required actions and resources, or accept the finding with a reason"
        )
        subject = f"{name}: {shown} on {on}"
        yield finding_at(new.rule, subject, message, remedy, new.granted.place(head))
    yield from _managed(was, now, head)
    if was.boundary and was.boundary != now.boundary:
        is_now = f"now has another one: {now.boundary}" if now.boundary else "no longer has one"
        message = f"{name} had the permissions boundary {was.boundary}, and {is_now}"
        place = head.stacks[now.resource.stack].lines.position(
            "Resources", name, "Properties", "PermissionsBoundary"
        )
        yield finding_at(BOUNDARY, name, message, "leave PermissionsBoundary as it was", place)
    yield from _denied_less(was, now, base, head)


def _added(was: Holder, now: Holder, statements: Iterable[Granted]) -> Iterator[_New]:
    """Find the permissions that some statements add to a role, by statement, kind and service."""
    found: dict[tuple[int, str, str], _New] = {}
    before = was.statements
    for number, granted in enumerate(statements):
        if not granted.statement.allows:
            continue
        for part in granted.statement.parts:
            for action, more in uncovered(part, before):
                if denied(action, part, now.statements):
                    continue
                rule, why = _kind(action, part, before)
                key = (number, rule.id, action.partition(":")[0])
                new = found.setdefault(key, _New(granted, rule))
                new.actions[action] = more
                new.resources[part.resources.shown()] = None
                if why:
                    new.why[why] = None
    yield from found.values()


def _expanded(entries: Mapping[str, tuple[str, ...]]) -> str:
    """Return the new actions that wildcards match, in brackets. Actions other than reads come first."""
    more = [action for actions in entries.values() for action in actions]
    return f" ({many(sorted(more, key=_reads))})" if more else ""


def _reads(action: str) -> bool:
    """Return whether an action only reads. Other actions are listed first."""
    return action.partition(":")[2].startswith(_READING)


def _kind(action: str, part: Statement, before: Iterable[Statement]) -> tuple[Rule, str]:
    """Return the rule for an added action, and the action's earlier conditions or resources."""
    text = action.lower()
    alike = [each for each in before if each.allows and each.actions.covers(text)]
    why = ""
    if any(each.resources.covers_all(part.resources) for each in alike):
        keys = sorted(
            {
                each.spelled[key]
                for each in alike
                if not condition_covers(each.condition, part.condition)
                for _, key in each.condition
            }
        )
        why = f"previously only under another condition on {', '.join(keys)}"
    elif alike:
        why = "previously only on other resources"
    if text.startswith("iam:") and covers(text, _PASSING):
        return PASS_ROLE, why
    return (WIDER if alike else ACTION), why


def _managed(was: Holder, now: Holder, head: Resolved) -> Iterator[Finding]:
    """Find new permissions from policies outside the template, except for logs and traces."""
    earlier = replace(was, granted=(*was.granted, Granted(_BASICS, was.resource, ())))
    for policy in dict.fromkeys(now.managed):
        if policy in was.managed:
            continue
        name = now.resource.logical_id
        can = "whose permissions are not known"
        if policy not in now.unknown:
            added = [*_added(earlier, now, [each for each in now.granted if each.of_aws == policy])]
            if not added:
                continue
            actions = {entry: more for each in added for entry, more in each.actions.items()}
            on = in_words(dict.fromkeys(each for new in added for each in new.resources), head)
            can = f"and can perform {many(actions)}{_expanded(actions)} on {on}, which was not allowed before"
        place = head.stacks[now.resource.stack].lines.position(*managed_keys(now.resource, policy, head))
        message = f"{name} now has the policy {policy}, {can}"
        remedy = "write only the required statements instead, or accept the finding with a reason"
        yield finding_at(MANAGED, f"{name}: {policy}", message, remedy, place)


def _denied_less(was: Holder, now: Holder, base: Resolved, head: Resolved) -> Iterator[Finding]:
    name = now.resource.logical_id
    denials = [each.statement for each in now.granted if not each.statement.allows]
    for granted in was.granted:
        part = granted.statement
        if part.allows or any(_covers(each, part) for each in denials) or not overlaps(part, now.statements):
            continue
        shown = many(part.entries)
        message = f"{name} was denied {shown} on {in_words(part.resources.values, base)}, and no longer is"
        remedy = "keep the statement that denies it, or accept the finding with a reason"
        place = _of_policy(granted, now, head)
        yield finding_at(DENY, f"{name}: {shown}", message, remedy, place)


def _covers(wider: Statement, part: Statement) -> bool:
    return (
        wider.actions.covers_all(part.actions)
        and wider.resources.covers_all(part.resources)
        and condition_covers(wider.condition, part.condition)
    )


def _of_policy(granted: Granted, now: Holder, head: Resolved) -> Position:
    """Return the location in the head of a statement's policy in the base. Default: the role's location."""
    stack = head.stacks[now.resource.stack]
    for each in now.granted:
        if each.policy == granted.policy and each.holder.address == granted.holder.address:
            return each.place(head)
    return stack.lines.position("Resources", now.resource.logical_id)


def _of_new(now: Holder, head: Resolved, before: Before) -> Iterator[Finding]:
    """Find permissions of a new role on existing resources, except for logs and traces."""
    own = {head.stand_in(address).name for address in head.resources if address not in before}
    name = now.resource.logical_id
    for granted in now.granted:
        if not granted.statement.allows or granted.of_aws:
            continue
        actions: dict[str, None] = {}
        resources: dict[str, None] = {}
        for part in granted.statement.parts:
            target = part.resources.values[0] if part.resources.values else ""
            if not part.resources.all_but and any(each in target for each in own):
                continue
            for action, _ in uncovered(part, [_BASICS]):
                actions[action] = None
                resources[part.resources.shown()] = None
        if actions:
            shown, on = many(actions), in_words(resources, head)
            message = f"the new role {name} can perform {shown} on {on}"
            rule = PASS_ROLE if any(each.lower() == _PASSING for each in actions) else NEW_ROLE
            remedy = "name only the required actions and resources, or accept the finding with a reason"
            yield finding_at(rule, f"{name}: {shown} on {on}", message, remedy, granted.place(head))
    yield from _managed(Holder(now.resource), now, head)


def _run_as(
    old: Mapping[Address, Holder],
    new: Mapping[Address, Holder],
    base: Resolved,
    head: Resolved,
    before: Before,
) -> Iterator[Finding]:
    """Find resources that run with a different role, if that role has more permissions."""
    by_arn = {base.stand_in(each).arn: holder for each, holder in old.items()}
    now_by_arn = {head.stand_in(each).arn: holder for each, holder in new.items()}
    for address, resource in head.resources.items():
        was = before.get(address)
        for name in _RUNS_AS if was is not None else ():
            one, other = was.properties.get(name) if was else None, resource.properties.get(name)
            if one == other or not isinstance(other, str) or not isinstance(one, str):
                continue
            if other not in now_by_arn:
                if one in by_arn and ":role/" in other:
                    can = "which is not in the template: its permissions are not known"
                    yield _runs_as(resource, name, f"{other}, {can}", head)
                continue
            now = now_by_arn[other]
            earlier = by_arn.get(one, Holder(now.resource))
            more = _added(earlier, now, now.granted)
            added = [action for each in more for action in each.actions if action not in BASICS]
            if added and now.resource.address in before:  # a new role has a separate finding
                shown = many(dict.fromkeys(added))
                role = now.resource.logical_id
                yield _runs_as(
                    resource,
                    name,
                    f"the role {role}, which can perform {shown}; its previous role could not",
                    head,
                )


def _runs_as(resource: Resource, name: str, text: str, head: Resolved) -> Finding:
    lines = head.stacks[resource.stack].lines
    place = lines.position("Resources", resource.logical_id, "Properties", name)
    remedy = f"leave {name} as it was, or create a separate role for it"
    message = f"{resource.shown} now uses {text}"
    return finding_at(RUNS_AS, f"{resource.logical_id}.{name}", message, remedy, place)
