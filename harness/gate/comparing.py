"""Compare the resources on two sides: the changed properties, and the effect on each resource."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from harness.cloudformation.update_effects import (
    Effect,
    changed_effects,
    is_interruption_only,
    is_unordered,
)
from harness.gate.resolved import Address, Resolved, Resource
from harness.json_types import Json, JsonObject

Kind = Literal["kept", "interrupted", "replaced", "lost", "refused"]
"""`refused`: the resource's type changes, which CloudFormation does not allow."""
Fate = Literal["", "removed", "condition", "renamed", "moved"]
"""The reason why a resource is lost. `condition`: it is in the template, but its condition is false."""
_ALIKE: Final = 0.5
"""Minimum share of equal values for a new resource to count as a lost one with a different ID."""


@dataclass(frozen=True)
class PropertyChange:
    """A change to a property. `path` is, for example, `KeySchema` or `ComputeResources.Type`."""

    path: str
    effect: Effect
    before: Json
    after: Json


@dataclass(frozen=True)
class Change:
    """A resource that differs between two sides.

    `base` is the earlier resource. `head` is the current one, or None if it is lost. `other` is the matching
    resource under a different ID or in a different stack.
    """

    kind: Kind
    base: Resource
    head: Resource | None = None
    properties: tuple[PropertyChange, ...] = ()
    fate: Fate = ""
    other: Resource | None = None

    @property
    def replacing(self) -> tuple[PropertyChange, ...]:
        """The changed properties that replace the resource."""
        return tuple(each for each in self.properties if each.effect in ("replaced", "conditional"))


def aligned(base: Resolved, head: Resolved) -> Resolved:
    """Return the base under the head's stack name, if both sides have only one stack.

    The two stacks then belong to the same project.
    """
    if len(base.planned) == len(head.planned) == 1 and base.planned[0].name != head.planned[0].name:
        return replace(base, planned=(replace(base.planned[0], name=head.planned[0].name),))
    return base


def written_changes(base: Resolved, head: Resolved) -> Iterator[Change]:
    """Return the changes in the templates themselves, excluding changes caused by new resource names.

    Raises:
        BaseError: a template cannot be used.
    """
    base = aligned(base, head)
    return _changes(base.resources, head.resources, base, head)


def changes(base: Resolved, head: Resolved) -> list[Change]:
    """Return the changes to all resources in the order of the head's template, and then the lost resources.

    A replaced resource gets a new name. This changes the resources that refer to it, and may replace them as
    well.

    Raises:
        BaseError: a template cannot be used.
    """
    base = aligned(base, head)
    remade: frozenset[Address] = frozenset()
    while True:
        after = head.again(remade=remade) if remade else head
        found = list(_changes(base.resources, after.resources, base, head))
        more = {each.base.address for each in found if each.kind == "replaced"} - remade
        if not more:
            return found
        remade |= more


def _changes(
    before: Mapping[Address, Resource], after: Mapping[Address, Resource], base: Resolved, head: Resolved
) -> Iterator[Change]:
    for address, resource in after.items():
        if address in before:
            change = _change(before[address], resource)
            if change is not None:
                yield change
    added = [resource for address, resource in after.items() if address not in before]
    lost = [resource for address, resource in before.items() if address not in after]
    for resource in lost:
        yield from _lost(resource, added, lost, base, head)


def _change(before: Resource, after: Resource) -> Change | None:
    if before.type != after.type:
        return Change("refused", before, after)
    found = tuple(_properties(before, after))
    effects = {each.effect for each in found}
    if effects & {"replaced", "conditional"}:
        return Change("replaced", before, after, found)
    if found:
        return Change("interrupted" if "interrupted" in effects else "kept", before, after, found)
    return None


def _properties(before: Resource, after: Resource) -> Iterator[PropertyChange]:
    one, other = before.properties, after.properties
    effects: dict[str, list[tuple[str, Effect]]] = {}
    for path, effect in changed_effects(before.type, one, other):
        known: Effect = "interrupted" if is_interruption_only(before.type, path) else effect
        effects.setdefault(path.partition(".")[0], []).append((path, known))
    for name in dict.fromkeys((*one, *other)):
        if not is_same(one.get(name), other.get(name), unordered=is_unordered(before.type, name)):
            for path, effect in effects.get(name) or effects.get("*") or [(name, "none")]:
                shown = name if path == "*" else path
                yield PropertyChange(shown, effect, at(one, shown), at(other, shown))


def at(properties: JsonObject, path: str) -> Json:
    """Return the value at a path, or the outermost list on the path."""
    value: Json = properties
    for key in path.split("."):
        if isinstance(value, list):
            break
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_same(one: Json, other: Json, *, unordered: bool = False) -> bool:
    """Return whether two values have the same meaning. JSON in a string equals the object."""
    if one == other:
        return True
    one, other = parsed(one), parsed(other)
    if one == other:
        return True
    if unordered and isinstance(one, list) and isinstance(other, list):
        return sorted(map(_text, one)) == sorted(map(_text, other))
    return False


def parsed(value: Json) -> Json:
    """Parse a string that contains JSON, as policies often do. Return any other value unchanged."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            found: Json = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return found
    return value


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _lost(
    resource: Resource, added: list[Resource], lost: list[Resource], base: Resolved, head: Resolved
) -> Iterator[Change]:
    stack = head.stacks.get(resource.stack)
    top = resource.stack.partition(".")[0]
    if top not in head.stacks:
        return  # a stack is not deleted when the project drops its template
    if stack is not None and resource.logical_id in stack.declared:
        yield Change("lost", resource, fate="condition")
        return
    other = renamed_to(resource, added, lost)
    if other is not None:
        fate: Fate = "renamed" if other.stack == resource.stack else "moved"
        yield Change("lost", resource, fate=fate, other=other)
    else:
        yield Change("lost", resource, fate="removed")


def renamed_to(resource: Resource, added: list[Resource], lost: list[Resource]) -> Resource | None:
    """Return the new resource that matches a lost one.

    It has the same type, and the same name or most of the values. A single new resource also matches a single
    lost resource of its type.
    """
    alike = [(likeness(resource, each), each.stack == resource.stack, each) for each in added]
    found = [each for each in alike if each[0] >= _ALIKE]
    if found:
        return max(found, key=lambda each: each[:2])[2]
    here = [each for each in added if (each.stack, each.type) == (resource.stack, resource.type)]
    gone = [each for each in lost if (each.stack, each.type) == (resource.stack, resource.type)]
    return here[0] if len(here) == len(gone) == 1 else None


def likeness(resource: Resource, other: Resource) -> float:
    """Return the share of values that two resources have in common, from 0 to 1. Return 1 for the same name.

    The values may contain each resource's own logical ID.
    """
    if resource.type != other.type:
        return 0.0
    if resource.name and resource.name == other.name:
        return 1.0
    one, two = (_leaves(each) for each in (resource, other))
    return len(one & two) / len(one | two) if one or two else 1.0


def _leaves(resource: Resource) -> set[tuple[str, str]]:
    """Return the values in a resource's properties, each with its path."""
    found: set[tuple[str, str]] = set()
    ahead: list[tuple[str, Json]] = [("", resource.properties)]
    while ahead:
        way, value = ahead.pop()
        if isinstance(value, dict):
            ahead += [(f"{way}.{key}", each) for key, each in value.items()]
        elif isinstance(value, list):
            ahead += [(f"{way}.", each) for each in value]
        else:
            found.add((way, str(value).replace(resource.logical_id, "")))
    return found
