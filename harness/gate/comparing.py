"""Compares the resources of two sides: each property that changes, and what becomes of the resource."""

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
"""`refused` is another type for a resource, which CloudFormation does not take."""
Fate = Literal["", "removed", "condition", "renamed", "moved"]
"""The way in which a resource is lost; with `condition` it is in the template, and its condition is false."""
_ALIKE: Final = 0.5
"""The share of equal values from which on a new resource is taken for a lost one with another id."""


@dataclass(frozen=True)
class PropertyChange:
    """A change of a property; `path` is `KeySchema` or `ComputeResources.Type`."""

    path: str
    effect: Effect
    before: Json
    after: Json


@dataclass(frozen=True)
class Change:
    """A resource that changes between two sides.

    `base` is what it was. `head` is what it is; None where it is lost. `other` is the resource that it is
    taken for under another id or in another stack.
    """

    kind: Kind
    base: Resource
    head: Resource | None = None
    properties: tuple[PropertyChange, ...] = ()
    fate: Fate = ""
    other: Resource | None = None

    @property
    def replacing(self) -> tuple[PropertyChange, ...]:
        """The changes of properties that replace the resource."""
        return tuple(each for each in self.properties if each.effect in ("replaced", "conditional"))


def aligned(base: Resolved, head: Resolved) -> Resolved:
    """The base with the name of the head's stack, where both have only one: it is the same project."""
    if len(base.planned) == len(head.planned) == 1 and base.planned[0].name != head.planned[0].name:
        return replace(base, planned=(replace(base.planned[0], name=head.planned[0].name),))
    return base


def written_changes(base: Resolved, head: Resolved) -> Iterator[Change]:
    """The changes of resources that are in the templates, without those that other names bring about.

    Raises:
        BaseError: a template cannot be used.
    """
    base = aligned(base, head)
    return _changes(base.resources, head.resources, base, head)


def changes(base: Resolved, head: Resolved) -> list[Change]:
    """The changes of all resources, in the order of the head's template, and then those that are lost.

    Another name of a replaced resource changes those that name it, so that these may be replaced, too.

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
    """The value at a path; that of the outermost list on the way."""
    value: Json = properties
    for key in path.split("."):
        if isinstance(value, list):
            break
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_same(one: Json, other: Json, *, unordered: bool = False) -> bool:
    """Tell whether two values mean the same: JSON in a text is like an object."""
    if one == other:
        return True
    one, other = parsed(one), parsed(other)
    if one == other:
        return True
    if unordered and isinstance(one, list) and isinstance(other, list):
        return sorted(map(_text, one)) == sorted(map(_text, other))
    return False


def parsed(value: Json) -> Json:
    """A value as what it says, where it is a text of JSON, as policies often are."""
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
        return  # nobody deletes a stack of which the project has no template any more
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
    """The new resource that a lost one is taken for.

    It is of the same type with the same name or most of the values, or it is the only new one of the type
    where only one is lost.
    """
    alike = [(likeness(resource, each), each.stack == resource.stack, each) for each in added]
    found = [each for each in alike if each[0] >= _ALIKE]
    if found:
        return max(found, key=lambda each: each[:2])[2]
    here = [each for each in added if (each.stack, each.type) == (resource.stack, resource.type)]
    gone = [each for each in lost if (each.stack, each.type) == (resource.stack, resource.type)]
    return here[0] if len(here) == len(gone) == 1 else None


def likeness(resource: Resource, other: Resource) -> float:
    """The share of values that two resources have in common, from 0 to 1; 1 with the same name.

    The logical id of each may be in its values.
    """
    if resource.type != other.type:
        return 0.0
    if resource.name and resource.name == other.name:
        return 1.0
    one, two = (_leaves(each) for each in (resource, other))
    return len(one & two) / len(one | two) if one or two else 1.0


def _leaves(resource: Resource) -> set[tuple[str, str]]:
    """The values in a resource's properties, each with the way to it."""
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
