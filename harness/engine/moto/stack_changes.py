"""Stacks are made and changed, with the reason in their events when that fails, and their outputs at its end.

Replaced in moto.cloudformation.models: `create_stack` and `_resolve_update_parameters` of
CloudFormationBackend, `Stack.update` and `mark_creation_complete`. Replaced in moto.cloudformation.responses:
`create_stack` and `update_stack`, which forget the capabilities.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.cloudformation import models, responses
from moto.cloudformation.exceptions import AlreadyExistsException, CloudFormationError, ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.utils import generate_stack_id
from moto.core.utils import utcnow

from harness.cloudformation.prepare import Prepared
from harness.engine.moto.stack_templates import prepared


def change(stack: Any, text: str, new: Prepared, parameters: dict[str, str], verb: str) -> None:
    """Give a stack another template; `verb` is CREATE or UPDATE.

    Raises ValidationError when a resource cannot be made, changed or deleted.
    """
    stack._add_stack_event(f"{verb}_IN_PROGRESS", resource_status_reason="User Initiated")
    if verb == "UPDATE":
        stack.last_updated_time = utcnow()
    with failing(stack, f"{verb}_FAILED"):
        stack.resource_map.update(new.template, {})
        stack.template, stack.prepared, stack.parameters = text, new, parameters
        stack.template_dict = new.template
        stack.description = new.template.get("Description")
        exported(stack)
    stack._add_stack_event(f"{verb}_COMPLETE")
    stack.status = f"{verb}_COMPLETE"


def unchanged(stack: Any, text: str, new: Prepared, tags: dict[str, str] | None) -> bool:
    """Tell if a stack has this template with these parameters and tags already; None for the tags it has."""
    texts = stack.prepared.parameters.texts if stack.prepared else {}
    same_tags = not tags or tags == stack.tags
    return same_tags and stack.has_template(text) and texts == new.parameters.texts


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
        new = prepared(self, template, parameters or {})
        if unchanged(self, template, new, tags):
            raise ValidationError(message="No updates are to be performed.")
        self.role_arn = role_arn or self.role_arn
        if tags is not None:
            self.tags = self.resource_map.tags = tags
        change(self, template, new, parameters or {}, "UPDATE")

    def mark_creation_complete(self: Any) -> None:
        exported(self)  # outputs are evaluated once all resources are there
        complete(self)

    patched.rollback_configuration = {}
    patched.drift_information = {"StackDriftStatus": "NOT_CHECKED"}
    patched.update = update
    patched.mark_creation_complete = mark_creation_complete


def _prepare_responses() -> None:
    patched: Any = responses.CloudFormationResponse

    def with_capabilities(method: Any) -> Any:
        @functools.wraps(method)
        def answer(self: Any) -> Any:
            found = method(self)
            stack = self.cloudformation_backend.stacks.get(found.result["StackId"])
            if stack is not None:
                stack.capabilities = self._get_param("Capabilities", [])
            return found

        return answer

    patched.create_stack = with_capabilities(patched.create_stack)
    patched.update_stack = with_capabilities(patched.update_stack)


def install() -> None:
    """Patch moto in this process."""
    _prepare_responses()
    _prepare_stacks()
    _prepare_backends()
