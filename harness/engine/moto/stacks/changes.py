"""The changes that a new template makes to a stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.cloudformation.evaluate import is_open
from harness.cloudformation.faults import refuse
from harness.cloudformation.functions import references
from harness.cloudformation.order import dependencies
from harness.cloudformation.prepare import Prepared
from harness.engine.moto.resources import aws_types
from harness.engine.moto.stacks.model import STACK, Stack, StackResource
from harness.json_types import Json, JsonObject

Action = Literal["Add", "Modify", "Remove"]


@dataclass(frozen=True)
class Change:
    """A change to a resource. `properties` contains the names of the changed properties.

    `replaces` is True if a new resource replaces this one, and False if not. It is None if that depends on
    the changes to another resource.
    """

    action: Action
    logical_id: str
    type: str
    properties: tuple[str, ...] = ()
    metadata: bool = False
    replaces: bool | None = False
    physical_id: str = ""


def declared_in(prepared: Prepared | None, section: str) -> JsonObject:
    """Return a section of a prepared template."""
    found = prepared.template.get(section) if prepared else None
    return found if isinstance(found, dict) else {}


def is_same(stack: Stack, new: Prepared, tags: Mapping[str, str] | None) -> bool:
    """Return whether a template and its tags would change nothing. None keeps the stack's tags."""
    return (
        (tags is None or dict(tags) == dict(stack.tags))
        and all(_parts(stack.prepared, part) == _parts(new, part) for part in ("Resources", "Outputs"))
        and not any(entry["Type"] == STACK for entry in _entries(new).values())
    )


def _parts(prepared: Prepared | None, section: str) -> JsonObject:
    """Normalise a section: ignore the order of entries and DependsOn."""
    return {
        name: {key: value for key, value in entry.items() if key != "DependsOn"}
        for name, entry in declared_in(prepared, section).items()
        if isinstance(entry, dict)
    }


def _entries(prepared: Prepared | None) -> dict[str, JsonObject]:
    resources = declared_in(prepared, "Resources")
    return {name: entry for name, entry in resources.items() if isinstance(entry, dict)}


def check_types_stay(stack: Stack, new: Prepared) -> None:
    """Reject a change to the type of a resource. Raises TemplateRefused."""
    after = _entries(new)
    changed = [
        name
        for name, resource in stack.resources.items()
        if name in after and after[name]["Type"] != resource.type
    ]
    if changed:
        raise refuse(
            "Update of resource type is not permitted. The new template modifies resource type of the "
            f"following resources: [{', '.join(changed)}]",
            *("Resources", changed[0], "Type"),
        )


def changes(stack: Stack, new: Prepared) -> list[Change]:
    """Return the changes that a template would make, to the extent known before the deployment."""
    found: list[Change] = []
    after = _entries(new)
    needs = dependencies(after)
    replaced: set[str] = set()
    modified: set[str] = set()
    for name, entry in after.items():
        kind = str(entry["Type"])
        if name not in stack.resources:
            found.append(Change("Add", name, kind))
            modified.add(name)
            replaced.add(name)
            continue
        change = _modification(
            stack, name, entry, [each for each in needs[name] if each in modified], replaced
        )
        if change is not None:
            found.append(change)
            modified.add(name)
            if change.replaces is not False:
                replaced.add(name)
    for name, resource in stack.resources.items():
        if name not in after:
            found.append(Change("Remove", name, resource.type, physical_id=resource.physical_id))
    return found


def _modification(
    stack: Stack, name: str, entry: JsonObject, modified: list[str], replaced: set[str]
) -> Change | None:
    """Return the change to an existing resource. `modified` contains its changed dependencies."""
    resource = stack.resources[name]
    before = as_object(resource.declared.get("Properties"))
    after = as_object(entry.get("Properties"))
    names = [
        each
        for each in dict.fromkeys((*before, *after))
        if before.get(each) != after.get(each) or _depends(after.get(each), modified, replaced)
    ]
    metadata = resource.declared.get("Metadata") != entry.get("Metadata")
    if not names and not metadata and resource.type != STACK:
        return None
    fixed = [each for each in names if each in create_only(resource.type)]
    sure = any(not is_open(after.get(each)) and before.get(each) != after.get(each) for each in fixed)
    replaces = True if sure else None if fixed else False
    return Change("Modify", name, resource.type, tuple(names), metadata, replaces, resource.physical_id)


def _depends(value: Json, modified: list[str], replaced: set[str]) -> bool:
    """Return whether a value depends on another resource's ID or attribute, and may therefore change."""
    return any(
        each.name in modified and (each.attribute or each.name in replaced) for each in references(value)
    )


def as_object(value: Json) -> JsonObject:
    """Return an object, or an empty one if the value is not an object."""
    return value if isinstance(value, dict) else {}


def create_only(kind: str) -> frozenset[str]:
    """Return the top-level properties that cannot be changed without replacing the resource."""
    return frozenset(path.partition(".")[0] for path in aws_types.create_only(kind) if "." not in path)


def replaces(resource: StackResource, properties: JsonObject) -> bool:
    """Return whether new properties replace the resource."""
    return any(
        at(resource.properties, path.split(".")) != at(properties, path.split("."))
        for path in aws_types.create_only(resource.type)
    )


def at(value: Json, path: list[str]) -> Json:
    """Return the value at a property path, or None if it does not exist."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_changed(resource: StackResource, declared: JsonObject, properties: JsonObject) -> bool:
    """Return whether a resource is updated.

    A nested stack is always updated, because its template may have changed.
    """
    if resource.type == STACK or resource.properties != properties:
        return True
    return resource.declared.get("Metadata") != declared.get("Metadata")
