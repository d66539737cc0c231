"""The call of S3 that an ItemReader or a ResultWriter makes."""

from __future__ import annotations

from harness.json_types import Json

from ..query.expressions import Expression
from ..resource import Resource
from .source import Source


def read_s3_call(source: Source, *actions: str) -> tuple[str, Expression[Json] | None]:
    """Read the Resource, which must be one of these actions of S3, and its Parameters or Arguments."""
    text = source.text("Resource") or ""
    resource = Resource.of(text)
    if text and (resource.type != "s3" or resource.name not in actions):
        source.refuse("The field 'Resource' does not match any of the allowed values", "Resource")
    return text, source.template("Arguments" if source.jsonata else "Parameters")
