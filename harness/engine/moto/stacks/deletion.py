"""Deletion of stacks and their resources. Each resource is deleted before its dependencies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from moto.core.utils import utcnow

from harness.cloudformation.order import dependencies, in_order
from harness.engine.moto.stacks import making
from harness.engine.moto.stacks.finding import importers_of
from harness.engine.moto.stacks.model import Stack, StackResource

INITIATED: Final = "User Initiated"


def delete(stack: Stack, retained: Iterable[str] = ()) -> None:
    """Delete a stack and its resources, except the retained ones."""
    used = {
        output.export: importers_of(stack, output.export)
        for output in stack.outputs.values()
        if output.export is not None
    }
    for name, importers in used.items():
        if importers:
            stack.tell(
                "DELETE_FAILED",
                f"Export {name} cannot be deleted as it is in use by {' and '.join(importers)}",
            )
            return
    delete_now(stack, INITIATED, set(retained))


def delete_now(stack: Stack, reason: str, retained: Iterable[str] = (), *, created: bool = True) -> None:
    """Delete a stack. Its events show the reason. For `created`, see `remove_all`."""
    stack.tell("DELETE_IN_PROGRESS", reason)
    remove_all(stack, "DELETE", retained, created=created)
    if stack.status == "DELETE_COMPLETE":
        forget(stack)


def forget(stack: Stack) -> None:
    """Move a stack to the deleted stacks, which can be found only by ARN."""
    backend = stack.backend
    stack.status, stack.deleted, stack.change_set_id = "DELETE_COMPLETE", utcnow(), None
    stack.outputs, stack.imports = {}, set()
    backend.stacks.pop(stack.id, None)
    backend.deleted_stacks[stack.id] = stack


def backwards(resources: Iterable[StackResource]) -> list[StackResource]:
    """Return resources in a stack, each before its dependencies."""
    found = {resource.logical_id: resource for resource in resources}
    order = in_order(dependencies({name: resource.declared for name, resource in found.items()}))
    return [found[name] for name in reversed(order)]


def remove_all(stack: Stack, verb: str, retained: Iterable[str] = (), *, created: bool = True) -> None:
    """Delete all resources in a stack. `created` is False if the stack's creation never completed."""
    failed: dict[str, None] = {}
    stack.deletion_began, stack.change_set_id = utcnow(), None
    kept = set(retained)
    for old in reversed(stack.replaced):
        remove(stack, old, old.policy("UpdateReplacePolicy"))
    for resource in backwards(stack.resources.values()):
        needed_by = [
            other.logical_id
            for other in stack.resources.values()
            if other.logical_id in failed and resource.logical_id in _needs(other, stack)
        ]
        if needed_by:
            continue  # they need it while they exist
        policy = "Retain" if resource.logical_id in kept else resource.policy("DeletionPolicy")
        if remove(stack, resource, policy, created=created):
            if resource.made is None and not created:
                resource.status = "DELETE_COMPLETE"
        else:
            failed[resource.logical_id] = None
    if failed:
        named = ", ".join(sorted(failed))
        stack.tell(f"{verb}_FAILED", f"The following resource(s) failed to delete: [{named}]. ")
    else:
        stack.tell(f"{verb}_COMPLETE")


def _needs(resource: StackResource, stack: Stack) -> tuple[str, ...]:
    return dependencies({n: r.declared for n, r in stack.resources.items()})[resource.logical_id]


def remove(stack: Stack, resource: StackResource, policy: str, *, created: bool = True) -> bool:
    """Delete a resource, unless its policy retains it. Return whether the deletion succeeded."""
    if resource.status in ("DELETE_COMPLETE", "DELETE_SKIPPED"):
        return True
    there = resource.made or resource.part
    if there is None:
        stack.tell_of(resource, "DELETE_COMPLETE")
        return True
    if policy == "Retain" or (policy == "RetainExceptOnCreate" and created):
        stack.tell_of(resource, "DELETE_SKIPPED")
        return True
    stack.tell_of(resource, "DELETE_IN_PROGRESS")
    try:
        making.delete(stack, resource.type, there)
    except Exception as error:
        stack.tell_of(resource, "DELETE_FAILED", making.why(error, resource.declared))
        return False
    stack.tell_of(resource, "DELETE_COMPLETE")
    return True
