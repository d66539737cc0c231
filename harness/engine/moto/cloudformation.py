"""moto's CloudFormation, with templates as CloudFormation reads them, and errors that name their resource.

Patched:
- `parse_and_create_resource` (moto.cloudformation.parsing), out of which errors of other services come as
  they are: without the resource, and in a wire form that is not CloudFormation's.
- what `stack_templates`, `stack_values` and `nested_stacks` name.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError

from harness.cloudformation.faults import TemplateRefused
from harness.engine.moto import nested_stacks, stack_templates, stack_values


class ResourceFailed(ValidationError):
    """A resource could not be made."""


def install() -> None:
    """Let CreateStack say which resource failed, and why; read and evaluate templates."""
    patched: Any = parsing
    create = patched.parse_and_create_resource

    @functools.wraps(create)
    def create_resource(logical_id: str, resource: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return create(logical_id, resource, *args, **kwargs)
        except ResourceFailed:
            raise  # another one, which this one refers to
        except TemplateRefused as error:
            raise ResourceFailed(message=f"{logical_id} ({resource.get('Type')}): {error}") from error
        except Exception as error:
            why = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
            raise ResourceFailed(message=f"{logical_id} ({resource.get('Type')}): {why}") from error

    patched.parse_and_create_resource = create_resource
    stack_values.install()
    stack_templates.install()
    nested_stacks.install()
