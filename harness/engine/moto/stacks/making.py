"""Creates, updates and deletes a stack's resources, and records unsupported features.

If a resource is not supported, it gets the status CREATE_FAILED with the reason, and the stack
continues. A resource with properties that have no effect gets CREATE_COMPLETE with the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.bug import place_of
from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.types import missing_of
from harness.cloudformation.validation import invalid
from harness.engine.moto.bugs import PACKAGES
from harness.engine.moto.resources.effects import may_lack_effect, without_effect
from harness.engine.moto.resources.model import NotMadeHere, Resource, Wanted
from harness.engine.moto.resources.not_served import NotServed, stand_in_of
from harness.engine.moto.resources.tagging import tagged, takes_tags
from harness.engine.moto.resources.types import class_of
from harness.engine.moto.resources.unserved_types import PROVED, meaning, meaning_of_record
from harness.engine.moto.stacks.model import Stack, StackResource
from harness.engine.moto.stacks.names import made_up
from harness.json_types import JsonObject
from harness.reasons import Reason

MACHINE: Final = "AWS::StepFunctions::StateMachine"
_SNAPSHOT: Final = "no snapshot is taken: it is deleted without a snapshot"
_STAYS: Final = "updates have no effect: it stays as it was created"


def why(error: Exception, declared: Mapping[str, Any], properties: JsonObject | None = None) -> str:
    """Return the reason, in the service's words, why a resource could not be created, updated or deleted.

    `properties` contains the resolved properties. If the service returns no message, schema violations
    are the reason.
    """
    if isinstance(error, TemplateRefused):
        path = ".".join(map(str, error.faults[0].keys))
        return f"{error} (property {path})" if path else str(error)
    if isinstance(error, KeyError) and error.args and error.args[0] in missing_of(declared):
        return f"Properties validation failed: #: required key [{error.args[0]}] not found"
    said = getattr(error, "message", None)
    if not said and (wrong := invalid(str(declared.get("Type")), properties or {})):
        return f"Properties validation failed: {'; '.join(wrong)}"
    return said or f"{type(error).__name__}: {error} ({place_of(error, PACKAGES)})"


def name_of(stack: Stack, logical_id: str, kind: str, properties: JsonObject) -> str:
    """Return the name of a resource, either from the template or generated."""
    given = properties.get(class_of(kind).NAME or "")
    generated = made_up(kind, stack.name, logical_id, properties)
    return generated if given is None else str(given)


def is_unique(kind: str) -> bool:
    """Return whether resources of a type must have unique names."""
    return class_of(kind).UNIQUE


def wanted(stack: Stack, resource: StackResource) -> Wanted:
    """Return a resource in the format that its class expects."""
    return Wanted(
        resource.name,
        resource.type,
        tagged(resource.type, resource.properties, stack.tags),
        resource.logical_id,
        stack.id,
        stack.account_id,
        stack.region,
        stack.all_tags,
    )


def make(stack: Stack, resource: StackResource) -> Resource:
    """Create a resource, or its stand-in. Raises the service's error."""
    asked = wanted(stack, resource)
    try:
        return class_of(resource.type).make(asked)
    except NotMadeHere as error:
        return _stand_in(asked, error.message)
    except Exception as error:
        if resource.type.startswith(PROVED):
            raise
        reason = why(error, resource.declared, resource.properties)
        return _stand_in(
            asked, f"it is not created: the engine cannot create it with these properties ({reason})"
        )


def change(stack: Stack, resource: StackResource, made: Resource) -> Resource:
    """Update a resource to its new properties. Raises the service's error."""
    asked = wanted(stack, resource)
    if isinstance(made, NotServed):
        return make(stack, resource)
    try:
        return made.change(asked)
    except Exception:
        if resource.type.startswith(PROVED):
            raise
        made.stays = True
        return made


def tag(stack: Stack, resource: StackResource) -> None:
    """Apply the stack's tags to an unchanged resource, if its tags can be changed."""
    made = resource.made
    if made is None or isinstance(made, NotServed) or not takes_tags(resource.type):
        return
    stack.tell_of(resource, "UPDATE_IN_PROGRESS")
    try:
        resource.made = made.change(wanted(stack, resource))
    except Exception:
        made.stays = True
    finished(stack, resource, "UPDATE_COMPLETE")


def delete(stack: Stack, kind: str, made: Resource) -> None:
    """Delete a resource. Raises the service's error if workflows depend on the type."""
    try:
        made.delete(stack.account_id, stack.region)
    except Exception:
        if kind.startswith(PROVED):
            raise


def _stand_in(asked: Wanted, reason: str) -> NotServed:
    """Return a stand-in for a resource whose type is supported but whose properties are not."""
    made = stand_in_of(asked.type).make(asked)
    made.reason = reason
    return made


def reasons_of(stack: Stack, resource: StackResource) -> Iterator[Reason]:
    """Yield the reasons why a resource is unsupported or only partly supported."""
    made, kind = resource.made, resource.type
    if isinstance(made, NotServed):
        yield Reason(made.reason or meaning(kind))
        return
    if record := meaning_of_record(kind):
        yield Reason(record)
    if any(resource.policy(each) == "Snapshot" for each in ("DeletionPolicy", "UpdateReplacePolicy")):
        yield Reason(_SNAPSHOT)
    if made is not None and made.stays:
        yield Reason(_STAYS)
    nested = getattr(made, "stack", None)
    if isinstance(nested, Stack):
        for inner in nested.resources.values():
            for each in reasons_of(nested, inner):
                yield each._replace(part=".".join(filter(None, (inner.logical_id, each.part))))
    if may_lack_effect(kind):
        for path, text in without_effect(kind, resource.properties):
            yield Reason(text, path)


def finished(stack: Stack, resource: StackResource, status: str) -> None:
    """Record that a resource was created or updated, and list its unsupported features."""
    reasons = "\n".join(map(str, reasons_of(stack, resource))) or None
    stack.tell_of(resource, "CREATE_FAILED" if isinstance(resource.made, NotServed) else status, reasons)
