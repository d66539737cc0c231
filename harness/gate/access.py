"""Find new permissions of roles, and principals with new access to resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from harness.gate.access_rules import PUBLIC, RULES
from harness.gate.comparing import aligned, changes
from harness.gate.finding import Finding
from harness.gate.granted_roles import role_findings
from harness.gate.lost_access import Used, lost_findings
from harness.gate.open_resources import resource_findings
from harness.gate.policy_sizes import size_findings
from harness.gate.resolved import Address, Resolved
from harness.gate.variants import Pair, variants

__all__ = ["RULES", "Used", "findings"]
_NOTHING: Final[Used] = {}


def findings(
    base: Resolved, head: Resolved, used: Used = _NOTHING, pairs: Iterable[Pair] | None = None
) -> Iterator[Finding]:
    """Find new permissions of the head's roles, and principals with new access to its resources.

    `used` maps the logical ID of a role to the actions that scenarios used, each with the ARN of its
    resource, or None if the ARN is not known. Used actions that the role loses are also reported. `pairs` are
    the results from `variants`, if they are available.

    Raises:
        BaseError: a template cannot be used.
    """
    base = aligned(base, head)
    seen: set[tuple[str, str]] = set()
    for values, before, after in variants(base, head) if pairs is None else pairs:
        for finding in _findings(before, after, used if not values else _NOTHING):
            key = (finding.rule.id, finding.place if finding.rule is PUBLIC else finding.subject)
            if key not in seen:  # report a publicly accessible location only once
                seen.add(key)
                told = (f"with the parameters {values}",) if values else ()
                yield replace(finding, details=(*finding.details, *told))


def _findings(base: Resolved, head: Resolved, used: Used) -> Iterator[Finding]:
    partners = _partners(base, head)
    names = {old: head.stand_in(new).name for new, old in partners.items()}
    renamed = {old: name for old, name in names.items() if base.stand_in(old).name != name}
    if renamed:  # treat a resource with a different name as the same resource
        base = base.again(renamed=renamed)
    resources = base.resources
    before = {new: resources[old] for new, old in partners.items() if old in resources}
    yield from role_findings(base, head, before)
    yield from resource_findings(base, head, before)
    yield from size_findings(base, head)
    if used:
        yield from lost_findings(base, head, before, used)


def _partners(base: Resolved, head: Resolved) -> dict[Address, Address]:
    """Map each resource in the head to the same resource in the base, even if its logical ID differs."""
    old = base.resources
    found = {address: address for address in head.resources if address in old}
    for change in changes(base, head):
        if change.other is not None:
            found.setdefault(change.other.address, change.base.address)
    return found
