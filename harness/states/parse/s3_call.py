"""The S3 call that an ItemReader or a ResultWriter specifies."""

from __future__ import annotations

from harness.json_types import Json

from ..query.expressions import Expression
from ..resource import Resource
from .integrations import Integrations
from .source import Source
from .task_state import check_template


def read_s3_call(
    source: Source, integrations: Integrations | None, *actions: str
) -> tuple[str, Expression[Json] | None]:
    """Read the Resource, which must be one of these S3 actions, and its Parameters or Arguments.

    Args:
        integrations: the integrations that check the parameters; None to skip this check.
    """
    source.refuse_foreign()
    text = source.text("Resource") or ""
    resource = Resource.of(text)
    if text and (resource.type != "s3" or resource.name not in actions):
        source.refuse("The field 'Resource' does not match any of the allowed values", "Resource")
    field = "Arguments" if source.jsonata else "Parameters"
    storage = integrations.storage(resource, jsonata=source.jsonata) if integrations is not None else None
    if storage is not None:
        check_template(source, field, source.fields.get(field, {}), storage)
    return text, source.template(field)
