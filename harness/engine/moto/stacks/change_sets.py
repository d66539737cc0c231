"""Change sets: stack changes that are waiting to be executed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from moto.cloudformation.utils import generate_changeset_id, generate_stack_id
from moto.core.utils import utcnow

from harness.cloudformation.prepare import Prepared
from harness.engine.moto.stacks import capabilities, deployment, finding
from harness.engine.moto.stacks.changes import Change, as_object, changes, check_types_stay, is_same
from harness.engine.moto.stacks.deletion import INITIATED
from harness.engine.moto.stacks.model import CloudFormationError, Stack, ValidationError, backend_of
from harness.engine.moto.stacks.requests import Asked, check_can_change, check_resource_types
from harness.engine.moto.stacks.templates import prepared, validation
from harness.json_types import JsonObject

NO_CHANGES: Final = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


class ChangeSetNotFound(CloudFormationError):
    """The error for a change set that does not exist."""

    code = "ChangeSetNotFound"


class InvalidChangeSetStatus(CloudFormationError):
    """The error for a change set that cannot be executed in its current status."""

    code = "InvalidChangeSetStatus"


class ChangeSetExists(CloudFormationError):
    """The error for a change set whose name already exists in the stack."""

    code = "AlreadyExistsException"


@dataclass
class ChangeSet:
    """A change set for a stack. `new` is its template.

    `before` contains the template entries of the stack's resources, and `values` their resolved properties.
    """

    id: str
    name: str
    kind: str
    stack: Stack
    asked: Asked
    new: Prepared
    changes: Sequence[Change]
    before: Mapping[str, JsonObject]
    values: Mapping[str, JsonObject]
    status: str = "CREATE_COMPLETE"
    execution: str = "AVAILABLE"
    reason: str | None = None
    created: datetime = field(default_factory=utcnow)

    def fail(self, reason: str) -> None:
        """Mark the change set as failed. It can then no longer be executed."""
        self.status, self.execution, self.reason, self.changes = "FAILED", "UNAVAILABLE", reason, ()


def create(asked: Asked, name: str, kind: str) -> ChangeSet:
    """Create a change set, and its stack if it does not exist. Raises CloudFormation's errors."""
    old = finding.known(asked.account_id, asked.region, asked.stack_name)
    if kind == "UPDATE":
        stack = finding.find(asked.account_id, asked.region, asked.stack_name)
        check_can_change(stack)
    elif old is None:
        stack = _under_review(asked)
    elif old.status == "REVIEW_IN_PROGRESS":
        stack = old
    else:
        raise ValidationError(
            message=f"Stack [{asked.stack_name}] already exists and cannot be created again with the "
            f"changeSet [{name}]."
        )
    taken = _known(stack, name)
    # The name of an executed or failed change set can be used again. `aws cloudformation deploy` includes
    # the current second in the name, and the engine can create two change sets within one second.
    if taken is not None and taken.execution == "AVAILABLE":
        raise ChangeSetExists(f"ChangeSet {name} already exists")
    given = asked.parameters_of(stack)
    new = prepared(stack, asked.text_of(stack), given)
    check_resource_types(asked, new)
    lacks = capabilities.missing(new.declared, asked.capabilities)
    if lacks and not new.expanded:  # the output of macros is not known until the change set is created
        raise capabilities.InsufficientCapabilities(lacks)
    with validation():
        check_types_stay(stack, new)
    found = changes(stack, new)
    made = ChangeSet(
        generate_changeset_id(name, asked.region, asked.account_id),
        name,
        kind,
        stack,
        asked.resolved(asked.text_of(stack), given),
        new,
        found,
        {name: resource.declared for name, resource in stack.resources.items()},
        _shown_values(stack),
    )
    if lacks:
        made.fail(lacks)
    elif kind == "UPDATE" and is_same(stack, new, asked.tags):
        made.fail(NO_CHANGES)
    if old is None:
        stack.backend.stacks[stack.id] = stack
        stack.tell("REVIEW_IN_PROGRESS", INITIATED)
        stack.status_reason = INITIATED
    stack.backend.change_sets[made.id] = made
    return made


def _under_review(asked: Asked) -> Stack:
    stack_id = generate_stack_id(asked.stack_name, asked.region, asked.account_id)
    return Stack(
        stack_id,
        asked.stack_name,
        asked.account_id,
        asked.region,
        notification_arns=asked.notification_arns or (),
    )


def _shown_values(stack: Stack) -> dict[str, JsonObject]:
    """Return the properties of the stack's resources as declared in its template."""
    return {
        name: {
            key: value
            for key, value in resource.properties.items()
            if key in as_object(resource.declared.get("Properties"))
        }
        for name, resource in stack.resources.items()
    }


def execute(change_set: ChangeSet, *, stay: bool) -> None:
    """Execute a change set. Raises InvalidChangeSetStatus."""
    if change_set.execution != "AVAILABLE":
        status = change_set.status if change_set.status == "FAILED" else change_set.execution
        raise InvalidChangeSetStatus(
            f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{status}]"
        )
    stack, asked = change_set.stack, change_set.asked
    if change_set.kind == "UPDATE":
        check_can_change(stack, stay=stay)
    new = prepared(stack, asked.text, asked.parameters)
    change_set.execution = "EXECUTE_IN_PROGRESS"
    stack.updated = utcnow()
    asked.apply_to(stack)
    stack.change_set_id = change_set.id
    if change_set.kind == "UPDATE":
        deployment.update(stack, asked.text, new, asked.parameters, asked.tags, stay=stay)
    else:
        stack.on_failure = "DO_NOTHING" if stay else asked.on_failure
        stack.tags = asked.tags or {}
        deployment.create(stack, asked.text, new, asked.parameters)
    good = stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    change_set.execution = "EXECUTE_COMPLETE" if good else "EXECUTE_FAILED"
    make_obsolete(stack, change_set)


def make_obsolete(stack: Stack, executed: ChangeSet | None = None) -> None:
    """Mark a stack's pending change sets as obsolete, because the stack has changed."""
    for each in of_stack(stack):
        if each is not executed and each.execution == "AVAILABLE":
            each.execution = "OBSOLETE"


def of_stack(stack: Stack) -> list[ChangeSet]:
    """Return the change sets for a stack."""
    every = stack.backend.change_sets.values()
    return [each for each in every if isinstance(each, ChangeSet) and each.stack is stack]


def find(account_id: str, region: str, name: str, stack_name: str | None) -> ChangeSet:
    """Find a change set by its ARN, or by its name and its stack's name or ARN. Raises ChangeSetNotFound."""
    found = known(account_id, region, name, stack_name)
    if found is None:
        raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")
    return found


def known(account_id: str, region: str, name: str, stack_name: str | None) -> ChangeSet | None:
    """Find a change set like `find`, or return None. Raises ValidationError if the stack does not exist."""
    if name.startswith("arn:"):
        found: ChangeSet | None = backend_of(account_id, region).change_sets.get(name)
        return found
    if not stack_name:
        raise ValidationError(
            message="StackName must be specified if ChangeSetName is not specified as an ARN."
        )
    return _known(finding.find(account_id, region, stack_name), name)


def _known(stack: Stack, name: str) -> ChangeSet | None:
    return next((each for each in reversed(of_stack(stack)) if each.name == name), None)


def delete(change_set: ChangeSet) -> None:
    """Delete a change set. The stack stays in REVIEW_IN_PROGRESS."""
    del change_set.stack.backend.change_sets[change_set.id]
