"""moto's CloudFormation, with errors that name their resource, and templates in JSON that are read as such.

Patched:
- `parse_and_create_resource` (moto.cloudformation.parsing), out of which errors of other services come as
  they are: without the resource, and in a wire form that is not CloudFormation's.
- `Stack.parse_template` (moto.cloudformation.models), which reads JSON, too, as YAML, and slowly.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack

from harness.bug import place_of
from harness.engine.moto.bugs import PACKAGES


class ResourceFailed(ValidationError):
    """A resource could not be made."""


def install() -> None:
    """Let CreateStack say which resource failed, and why; read JSON quickly."""
    patched: Any = parsing
    create = patched.parse_and_create_resource

    @functools.wraps(create)
    def create_resource(logical_id: str, resource: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return create(logical_id, resource, *args, **kwargs)
        except ResourceFailed:
            raise  # another one, which this one refers to
        except Exception as error:
            why = getattr(error, "message", None)
            why = why or f"{type(error).__name__}: {error} ({place_of(error, PACKAGES)})"
            raise ResourceFailed(message=f"{logical_id} ({resource.get('Type')}): {why}") from error

    patched.parse_and_create_resource = create_resource
    parse = Stack.parse_template

    @functools.wraps(parse)
    def parse_template(template: str) -> dict[str, Any]:
        try:
            found = json.loads(template)
        except ValueError:
            found = None
        return found if isinstance(found, dict) else parse(template)

    models: Any = Stack
    models.parse_template = staticmethod(parse_template)
