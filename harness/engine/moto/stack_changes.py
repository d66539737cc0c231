"""Stacks are made and changed, with the reason in their events when that fails, and their outputs at its end.

Replaced in moto.cloudformation.models: `create_stack`, `create_change_set`, `execute_change_set` and
`_resolve_update_parameters` of CloudFormationBackend, `ChangeSet._parse_template`, `Stack.update` and
`mark_creation_complete`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.cloudformation import models
from moto.cloudformation.exceptions import AlreadyExistsException, CloudFormationError, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.utils import generate_stack_id

from harness.cloudformation.prepare import Prepared
from harness.engine.moto.stack_templates import prepared


def change(stack: Any, text: str, new: Prepared, parameters: dict[str, str], verb: str) -> None:
    """Give a stack another template; `verb` is CREATE or UPDATE.

    Raises ValidationError when a resource cannot be made, changed or deleted.
    """
    stack._add_stack_event(f"{verb}_IN_PROGRESS", resource_status_reason="User Initiated")
    with failing(stack, f"{verb}_FAILED"):
        stack.resource_map.update(new.template, {})
        stack.template, stack.prepared, stack.parameters = text, new, parameters
        stack.template_dict = new.template
        stack.description = new.template.get("Description")
        exported(stack)
    stack._add_stack_event(f"{verb}_COMPLETE")
    stack.status = f"{verb}_COMPLETE"


@contextmanager
def failing(stack: Any, status: str) -> Iterator[None]:
    """Give the stack a status, with the reason in its events, when what is done to it fails."""
    try:
        yield
    except Exception as error:
        why = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        stack.status = status
        stack._add_stack_event(status, resource_status_reason=why)
        if isinstance(error, CloudFormationError):
            raise
        raise ValidationError(message=why) from error


def exported(stack: Any) -> None:
    """Evaluate a stack's outputs, and put its exports where other stacks find them.

    Raises ValidationError.
    """
    stack.output_map = stack._create_output_map()
    list(stack.output_map.values())
    backend = models.cloudformation_backends[stack.account_id][stack.region_name]
    for name in [
        name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id
    ]:
        del backend.exports[name]
    for export in stack.exports:
        if export.name in backend.exports:
            raise ValidationError(
                message=f"Export with name {export.name} is already exported by another stack"
            )
        backend.exports[export.name] = export


def _prepare_change_sets() -> None:
    patched: Any = ChangeSet

    def _parse_template(self: Any) -> None:
        self.prepared = prepared(self.stack, self.template, self.parameters)
        self.template_dict = self.prepared.template

    def execute_change_set(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        found = self.describe_change_set(change_set_name)
        new = prepared(found.stack, found.template, found.parameters)
        found.execution_status = "EXECUTE_IN_PROGRESS"
        change(found.stack, found.template, new, found.parameters, found.change_set_type)
        found.execution_status = "EXECUTE_COMPLETE"

    backend: Any = CloudFormationBackend
    create = backend.create_change_set

    @functools.wraps(create)
    def create_change_set(self: Any, stack_name: str, *args: Any, change_set_type: str, **kwargs: Any) -> Any:
        old = next((stack for stack in self.stacks.values() if stack.name == stack_name), None)
        if old is not None and change_set_type == "CREATE":
            if old.status != "REVIEW_IN_PROGRESS":
                message = (
                    f"Stack [{stack_name}] already exists and cannot be created again with the changeSet"
                )
                raise ValidationError(message=message)
            del self.stacks[old.stack_id]
        before = set(self.stacks)
        try:
            return create(self, stack_name, *args, change_set_type=change_set_type, **kwargs)
        except Exception:
            for stack_id in self.stacks.keys() - before:  # a change set that is refused makes no stack
                del self.stacks[stack_id]
            raise

    patched._parse_template = _parse_template
    backend.create_change_set = create_change_set
    backend.execute_change_set = execute_change_set


def _prepare_backends() -> None:
    patched: Any = CloudFormationBackend
    resolve = patched._resolve_update_parameters
    made: Any = Stack

    def _resolve_update_parameters(self: Any, instance: Any, incoming_params: Any) -> dict[str, str]:
        if not isinstance(instance, Stack):
            found: dict[str, str] = resolve(self, instance, incoming_params)
            return found
        previous: Mapping[str, str] = instance.stack_parameters
        given: dict[str, str] = {}
        for each in incoming_params:
            name = each["ParameterKey"]
            if not each.get("UsePreviousValue"):
                given[name] = each.get("ParameterValue", "")
            elif name in previous:
                given[name] = previous[name]
        return given

    def create_stack(self: Any, name: str, template: str, parameters: Any, **kwargs: Any) -> Any:
        if any(stack.name == name for stack in self.stacks.values()):
            raise AlreadyExistsException(f"Stack [{name}] already exists")
        stack_id = generate_stack_id(name, self.region_name, self.account_id)
        stack = made(
            stack_id,
            name,
            template,
            parameters,
            self.account_id,
            self.region_name,
            cross_stack_resources=self.exports,
            **kwargs,
        )
        self.stacks[stack_id] = stack
        stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason="User Initiated")
        with failing(stack, "CREATE_FAILED"):
            stack.create_resources()
        return stack

    patched.create_stack = create_stack
    patched._resolve_update_parameters = _resolve_update_parameters


def _prepare_stacks() -> None:
    patched: Any = Stack
    complete = patched.mark_creation_complete

    def update(
        self: Any, template: str, role_arn: Any = None, parameters: Any = None, tags: Any = None
    ) -> None:
        change(self, template, prepared(self, template, parameters or {}), parameters or {}, "UPDATE")
        self.role_arn = role_arn
        if tags is not None:
            self.tags = tags

    def mark_creation_complete(self: Any) -> None:
        exported(self)  # outputs are evaluated once all resources are there
        complete(self)

    patched.update = update
    patched.mark_creation_complete = mark_creation_complete


def install() -> None:
    """Patch moto in this process."""
    _prepare_stacks()
    _prepare_change_sets()
    _prepare_backends()
