"""A resource of a stack is made, changed and deleted, and what of it is not served is told.

A stack goes on when a resource is not served. That one's status is CREATE_FAILED, with the reason; a resource
with properties that have no effect is CREATE_COMPLETE, with the reasons.
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
_SNAPSHOT: Final = "no snapshot is taken: it is deleted without one"
_STAYS: Final = "a change of it has no effect: it stays as it was made"


def why(error: Exception, declared: Mapping[str, Any], properties: JsonObject | None = None) -> str:
    """Say why a resource could not be made, changed or deleted, with the reason of the service.

    `properties` are as they were worked out: what is wrong with them is said where the service has no words.
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
    """The name of a resource: the template's, or one that is made up."""
    given = properties.get(class_of(kind).NAME or "")
    generated = made_up(kind, stack.name, logical_id, properties)
    return generated if given is None else str(given)


def is_unique(kind: str) -> bool:
    """Tell whether no two resources of a type have the same name."""
    return class_of(kind).UNIQUE


def wanted(stack: Stack, resource: StackResource) -> Wanted:
    """A resource as its class takes it."""
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
    """Make a resource, or its stand-in. Raises the error of the service."""
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
            asked, f"it is not created: the engine cannot make one with these properties ({reason})"
        )


def change(stack: Stack, resource: StackResource, made: Resource) -> Resource:
    """Change what was made into what a resource is now. Raises the error of the service."""
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
    """Give a resource that stays as it is the tags of its stack, if those can be changed."""
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
    """Delete what was made. Raises the error of the service, of types that workflows are proved with."""
    try:
        made.delete(stack.account_id, stack.region)
    except Exception:
        if kind.startswith(PROVED):
            raise


def _stand_in(asked: Wanted, reason: str) -> NotServed:
    """Stand in for a resource of a type that is made, but cannot be made like this."""
    made = stand_in_of(asked.type).make(asked)
    made.reason = reason
    return made


def reasons_of(stack: Stack, resource: StackResource) -> Iterator[Reason]:
    """Give the reasons why a resource is not served, or not all of it."""
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
    """Say that a resource is made or changed, and what of it is not served."""
    reasons = "\n".join(map(str, reasons_of(stack, resource))) or None
    stack.tell_of(resource, "CREATE_FAILED" if isinstance(resource.made, NotServed) else status, reasons)
