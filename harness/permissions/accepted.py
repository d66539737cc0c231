"""Separate the findings that a project accepts from the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.acceptance import Acceptance
from harness.observe.access import Access
from harness.observe.model import Observation
from harness.permissions.model import Denial
from harness.permissions.requests import place_of
from harness.permissions.statement import missing_statement, portable, stack_of
from harness.permissions.wildcards import like


def not_accepted(denials: Iterable[Denial], observation: Observation) -> Iterator[Denial]:
    """Yield the denials except the accepted ones. If only some resources are accepted, keep the others."""
    access = observation.access
    for denial in denials:
        entries = [entry for entry in access.accepted if _is_about(entry, denial, access)]
        if not entries:
            yield denial
            continue
        left = tuple(r for r in denial.resources if not any(_covers(e, r, observation) for e in entries))
        if left and left != denial.resources:
            place = place_of(denial.role_arn, observation)
            within = access.within(stack_of(access, denial.role_arn))
            statement = denial.statement and missing_statement(denial.action, left, place, within)
            yield replace(denial, resources=left, statement=statement)
        elif left or (not denial.resources and not any(entry.resource == "*" for entry in entries)):
            yield denial


def in_use(denials: Iterable[Denial], observation: Observation) -> tuple[Acceptance, ...]:
    """Return the entries that accept at least a part of the denials, in order."""
    denials = tuple(denials)
    return tuple(
        entry
        for entry in observation.access.accepted
        if any(_accepts(entry, denial, observation) for denial in denials)
    )


def _accepts(entry: Acceptance, denial: Denial, observation: Observation) -> bool:
    if not _is_about(entry, denial, observation.access):
        return False
    if not denial.resources:
        return entry.resource == "*"
    return any(_covers(entry, resource, observation) for resource in denial.resources)


def _is_about(entry: Acceptance, denial: Denial, access: Access) -> bool:
    if not entry.action or not like(entry.action.lower(), denial.action.lower()):
        return False
    role = access.roles.get(denial.role_arn)
    names = {denial.role, denial.role_arn}
    if role is not None:
        origin = access.origins.get(role.logical_id)
        names |= {role.logical_id} | ({origin.logical_id, origin.construct} if origin else set())
    return any(name and like(entry.role, name) for name in names)


def _covers(entry: Acceptance, resource: str, observation: Observation) -> bool:
    """Return whether the pattern matches the ARN, or the resource's name in the template."""
    access = observation.access
    declared = access.declared.get(resource, "")
    place = place_of(next(iter(access.roles)), observation)
    names = {resource, declared, declared.partition(" ")[2].partition(".")[0]}
    if origin := access.origin(resource):
        names.add(origin.construct)
    names.add(portable(resource, place, access))
    return any(name and like(entry.resource, name) for name in names)
