"""Find resources that a deployment would replace or delete along with their data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from harness.cloudformation.faults import Key
from harness.gate.causes import cause_of, condition_cause
from harness.gate.comparing import Change, aligned, changes
from harness.gate.finding import Finding, Rule
from harness.gate.protection import PROTECTION_RULES, policy_findings, protection_findings
from harness.gate.resolved import Resolved, Resource
from harness.gate.standins import name_property
from harness.gate.stateful import keeps, keeps_on_deletion, lost_with
from harness.gate.variants import variants
from harness.json_types import Json

REPLACED: Final = Rule(
    "data-loss-replaced", "A resource that holds data would be replaced by an empty one.", "0.1"
)
DELETED: Final = Rule(
    "data-loss-deleted",
    "A resource that holds data was removed from the template and would be deleted.",
    "0.1",
)
RENAMED: Final = Rule(
    "data-loss-renamed", "A resource that holds data has another logical ID and would be deleted.", "0.1"
)
MOVED: Final = Rule(
    "data-loss-moved", "A resource that holds data moved to another stack and would be deleted.", "0.1"
)
CONDITION: Final = Rule(
    "data-loss-condition",
    "A resource that holds data would be deleted because its condition is no longer true.",
    "0.1",
)
TYPE: Final = Rule(
    "data-loss-type", "A logical ID has another type, and CloudFormation cannot update it.", "0.1"
)
NAME_TAKEN: Final = Rule(
    "data-loss-name-taken",
    "A resource with a fixed name would be created again while the old one has the name: the update fails.",
    "0.1",
)
RULES: Final = (REPLACED, DELETED, RENAMED, MOVED, CONDITION, TYPE, NAME_TAKEN, *PROTECTION_RULES)
_MANY: Final = 160


def findings(base: Resolved, head: Resolved) -> Iterator[Finding]:
    """Find the resources and data that deploying the head over the base deletes. Report each only once.

    The comparison uses the parameters from the settings, and also other values that conditions and mappings
    refer to. A finding that requires a different value says so.

    Raises:
        BaseError: a template cannot be used.
    """
    base = aligned(base, head)
    seen: set[tuple[str, str]] = set()
    for values, one, other in variants(base, head):
        for finding in _findings(one, other, values):
            key = (finding.rule.id, finding.subject)
            if key not in seen:
                seen.add(key)
                yield finding


def _findings(base: Resolved, head: Resolved, values: str) -> Iterator[Finding]:
    found = changes(base, head)
    several = len(head.planned) > 1
    for change in found:
        for finding in _of_change(change, base, head, found):
            yield _told(finding, change.base, several=several, values=values)
        for finding in protection_findings(change, base, head):
            yield _told(finding, change.base, several=several, values=values)
    for resource, finding in policy_findings(base, head):
        yield _told(finding, resource, several=several, values=values)


def _told(finding: Finding, resource: Resource, *, several: bool, values: str) -> Finding:
    details = (*finding.details, *([f"with the parameters {values}"] if values else ()))
    subject = f"{resource.stack}.{finding.subject}" if several else finding.subject
    return Finding(
        finding.rule,
        subject,
        finding.message,
        finding.remedy,
        finding.file,
        finding.line,
        finding.column,
        details,
    )


def _of_change(change: Change, base: Resolved, head: Resolved, found: Iterable[Change]) -> Iterator[Finding]:
    if change.kind == "refused" and change.head is not None:
        yield _refused(change, change.head, head)
    elif change.kind == "replaced" and change.head is not None:
        yield from _replaced(change, change.head, base, head)
    elif change.kind == "lost":
        yield from _lost(change, base, head, found)


def _refused(change: Change, after: Resource, head: Resolved) -> Finding:
    before = change.base
    message = (
        f"the type of {before.logical_id} changes from {before.type} to {after.type}: CloudFormation cannot "
        "update it"
    )
    loses = lost_with(before)
    remedy = "give the new resource another logical ID" + (
        f"; then the old one is deleted with {loses}, unless DeletionPolicy: Retain was deployed before"
        if loses
        else ""
    )
    return _at(
        head, after.stack, TYPE, before.logical_id, message, remedy, ("Resources", after.logical_id, "Type")
    )


def _replaced(change: Change, after: Resource, base: Resolved, head: Resolved) -> Iterator[Finding]:
    before, cause = change.base, change.replacing[0]
    stack, keys, why = cause_of(base, head, before, after, cause.path)
    may = (
        "may be replaced" if all(each.effect == "conditional" for each in change.replacing) else "is replaced"
    )
    details = tuple(
        f"{each.path}: {_shown(each.before)} -> {_shown(each.after)}" for each in change.replacing
    ) + ((why,) if why else ())
    loses = lost_with(before)
    because = f"{before.shown} {may} because {cause.path} changes"
    subject = f"{before.logical_id}.{cause.path}"
    taken = bool(before.name) and before.name == after.name
    kept = keeps(after, after.policy("UpdateReplacePolicy"))
    if loses and not kept:
        fails = f"; its name {before.name} is fixed, so the update fails: already exists" if taken else ""
        remedy = (
            f"keep {cause.path} as it is; or create a new resource next to it and move the data; or add "
            "UpdateReplacePolicy: Retain to keep the old resource outside of the stack"
        )
        message = f"{because}: the new resource starts without {_without(loses)}{fails}"
        yield _at(head, stack, REPLACED, subject, message, remedy, keys, details)
    elif taken and name_property(before.type):
        message = f"{because}, and its name {before.name} is fixed: AWS reports that it already exists"
        remedy = f"change {name_property(before.type)}, too, or let CloudFormation generate the name"
        yield _at(head, stack, NAME_TAKEN, subject, message, remedy, keys, details)


def _lost(change: Change, base: Resolved, head: Resolved, found: Iterable[Change]) -> Iterator[Finding]:
    before, other = change.base, change.other
    if _is_kept_around(before, base, found):
        return
    kept = keeps_on_deletion(before)
    taken = other is not None and bool(before.name) and before.name == other.name
    loses = lost_with(before)
    subject = before.logical_id
    if other is not None and taken and (kept or not loses):
        place = (
            f"is now called {other.logical_id}" if change.fate == "renamed" else f"is now in {other.stack}"
        )
        message = (
            f"{before.shown} {place} with the same name {before.name}: CloudFormation creates the new one "
            "first, and AWS reports that it already exists"
        )
        remedy = "keep the logical ID and the stack, or give the new resource another name"
        yield _at(head, other.stack, NAME_TAKEN, subject, message, remedy, ("Resources", other.logical_id))
    elif loses and not kept:
        yield _loses(change, loses, base, head, taken=taken)


def _loses(change: Change, loses: str, base: Resolved, head: Resolved, *, taken: bool) -> Finding:
    before, other = change.base, change.other
    fails = f"; its name {before.name} is fixed, so the update fails: already exists" if taken else ""
    subject = before.logical_id
    retain = f"deploy DeletionPolicy: Retain for {before.logical_id} first"
    if change.fate == "condition":
        stack, keys, why = condition_cause(base, head, before)
        message = f"{before.shown} is deleted with {_without(loses)} because its condition is no longer true"
        details = (why,) if why else ()
        return _at(
            head, stack, CONDITION, subject, message, f"correct the condition, or {retain}", keys, details
        )
    if change.fate == "renamed" and other is not None:
        message = (
            f"{before.shown} is now called {other.logical_id}: CloudFormation deletes the old one with "
            f"{_without(loses)}, and creates an empty one{fails}"
        )
        remedy = f"keep the logical ID {before.logical_id}, or {retain} and import it under the new one"
        return _at(head, other.stack, RENAMED, subject, message, remedy, ("Resources", other.logical_id))
    if change.fate == "moved" and other is not None:
        message = (
            f"{before.shown} is now in the stack {other.stack}, as {other.logical_id}: CloudFormation "
            f"deletes the old one with {_without(loses)}, and creates an empty one{fails}"
        )
        remedy = f"leave it in {before.stack}, or {retain} and import it into {other.stack}"
        return _at(head, other.stack, MOVED, subject, message, remedy, ("Resources", other.logical_id))
    message = f"{before.shown} is no longer in the template: CloudFormation deletes it with {_without(loses)}"
    remedy = f"put it back, or {retain}"
    return _in_base(base, head, before, message, remedy)


def _without(loses: str) -> str:
    return loses.partition(":")[0]


def _is_kept_around(resource: Resource, base: Resolved, found: Iterable[Change]) -> bool:
    """Return whether an enclosing stack is lost, but its policy retains the stack and all its resources."""
    lost = {each.base.address: each.base for each in found if each.kind == "lost"}
    stack = base.stacks.get(resource.stack)
    while stack is not None and stack.parent is not None:
        around = lost.get(stack.parent)
        if around is not None and keeps_on_deletion(around):
            return True
        stack = base.stacks.get(stack.parent[0])
    return False


def _at(
    side: Resolved,
    stack: str,
    rule: Rule,
    subject: str,
    message: str,
    remedy: str,
    keys: tuple[Key, ...],
    details: tuple[str, ...] = (),
) -> Finding:
    place = side.stacks[stack].lines.position(*keys)
    return Finding(rule, subject, message, remedy, place.path, place.line, place.column, details)


def _in_base(base: Resolved, head: Resolved, resource: Resource, message: str, remedy: str) -> Finding:
    """Return a finding at a line in the base, with the file's path in the head."""
    place = base.stacks[resource.stack].lines.position("Resources", resource.logical_id)
    details = (f"line {place.line} refers to {base.label}",)
    file = in_head(place.path, base, head)
    return Finding(DELETED, resource.logical_id, message, remedy, file, place.line, place.column, details)


def in_head(path: Path, base: Resolved, head: Resolved) -> Path:
    """Return the path in the head for a file in the base."""
    try:
        return head.root / path.resolve().relative_to(base.root.resolve())
    except ValueError:
        return path


def _shown(value: Json) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return text if len(text) <= _MANY else f"{text[: _MANY - 3]}..."
