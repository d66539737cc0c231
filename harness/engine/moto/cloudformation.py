"""moto's CloudFormation, with templates as CloudFormation reads them, and errors that name their resource.

Patched:
- `parse_and_create_resource` (moto.cloudformation.parsing), out of which errors of other services come as
  they are: without the resource, and in a wire form that is not CloudFormation's.
- `parse_and_update_resource`, which forgets a resource of a type that moto cannot change.
- what `stack_changes`, `stack_updates`, `change_sets`, `stack_templates`, `stack_values` and `nested_stacks`
  name.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError

from harness.bug import place_of
from harness.cloudformation.faults import TemplateRefused
from harness.cloudformation.types import missing_of
from harness.engine.moto import (
    change_sets,
    nested_stacks,
    stack_changes,
    stack_templates,
    stack_updates,
    stack_values,
)
from harness.engine.moto.bugs import PACKAGES


class ResourceFailed(ValidationError):
    """A resource could not be made or changed."""


def failed(logical_id: str, resource: Mapping[str, Any], error: Exception) -> ResourceFailed:
    """The error of a resource, with the reason of the service that refused it."""
    why = getattr(error, "message", None)
    why = why or f"{type(error).__name__}: {error} ({place_of(error, PACKAGES)})"
    if isinstance(error, TemplateRefused):
        why = str(error)
    elif isinstance(error, KeyError) and error.args[0] in missing_of(resource):
        why = f"Properties validation failed: #: required key [{error.args[0]}] not found"
    return ResourceFailed(message=f"{logical_id} ({resource.get('Type')}): {why}")


def install() -> None:
    """Let CreateStack say which resource failed, and why; read and evaluate templates."""
    stack_values.install()
    stack_templates.install()
    stack_changes.install()
    stack_updates.install()
    change_sets.install()
    nested_stacks.install()
    patched: Any = parsing
    create, update = patched.parse_and_create_resource, patched.parse_and_update_resource

    @functools.wraps(create)
    def create_resource(logical_id: str, resource: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return create(logical_id, resource, *args, **kwargs)
        except ResourceFailed:
            raise  # another one, which this one refers to
        except Exception as error:
            raise failed(logical_id, resource, error) from error

    @functools.wraps(update)
    def update_resource(
        logical_id: str, resource: dict[str, Any], resources: Any, *args: Any, **kwargs: Any
    ) -> Any:
        try:
            changed = update(logical_id, resource, resources, *args, **kwargs)
        except ResourceFailed:
            raise
        except Exception as error:
            raise failed(logical_id, resource, error) from error
        if changed is None and resources[logical_id] is not None:
            why = "the engine cannot change it; delete the stack and create it again"
            raise ResourceFailed(message=f"{logical_id} ({resource.get('Type')}): {why}")
        return changed

    patched.parse_and_create_resource = create_resource
    patched.parse_and_update_resource = update_resource
