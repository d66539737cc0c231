"""Find actions that a role is no longer allowed to perform, although scenarios perform them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.gate.access_rules import LOST
from harness.gate.finding import Finding
from harness.gate.granted_roles import Before
from harness.gate.grants import Holder, holders
from harness.gate.place_of_access import finding_at, loosely
from harness.gate.resolved import Resolved
from harness.gate.standins import MADE

Used = Mapping[str, Iterable[tuple[str, str | None]]]
"""Logical ID of a role -> the actions that scenarios used, each with its resource's ARN, or None."""


def lost_findings(base: Resolved, head: Resolved, before: Before, used: Used) -> Iterator[Finding]:
    """Find used actions that a role is no longer allowed to perform."""
    new = {each.resource.address: each for each in holders(head)}
    old = {each.resource.address: each for each in holders(base)}
    for address, now in new.items():
        was = before.get(address)
        if was is None or was.address not in old:
            continue
        earlier = old[was.address]
        needs = [*used.get(now.resource.logical_id, ()), *used.get(was.logical_id, ())]
        for action, resource in dict.fromkeys(needs):
            if _can(earlier, action, resource) and not _can(now, action, resource):
                name = now.resource.logical_id
                on = resource or "some resource"
                message = f"{name} can no longer perform {action} on {on}, but a scenario performs it"
                place = head.stacks[now.resource.stack].lines.position("Resources", name)
                role = head.stacks[now.resource.stack].lines.role(name)
                if role is not None:
                    place = head.stacks[now.resource.stack].lines.position(*role)
                remedy = f"allow {action} again, or change the code that requires it"
                yield finding_at(LOST, f"{name}: {action} on {on}", message, remedy, place)


def _can(holder: Holder, action: str, resource: str | None) -> bool:
    """Return whether a role may perform an action. Names from AWS and from the engine are treated as
    equal.
    """
    if holder.unknown:
        return True  # its policy is not available
    allowed = False
    for statement in holder.statements:
        if not statement.actions.covers(action.lower()):
            continue
        fits = resource is None or any(
            loosely(pattern.replace(MADE, "*"), resource) for pattern in statement.resources.values
        )
        if fits is not statement.resources.all_but:
            if not statement.allows and not statement.condition:
                return False
            allowed = allowed or statement.allows
    return allowed
