"""The stack tags that resources get in addition to their own tags."""

from __future__ import annotations

from collections.abc import Mapping

from harness.engine.moto.resources import aws_types
from harness.json_types import Json, JsonObject, as_dict

_PROPERTY = "/properties/Tags"


def takes_tags(kind: str) -> bool:
    """Return whether CloudFormation tags resources of a type through their Tags property."""
    return as_dict(aws_types.schema(kind).get("tagging")).get("tagProperty") == _PROPERTY


def tagged(kind: str, properties: JsonObject, tags: Mapping[str, str]) -> JsonObject:
    """Return the properties of a resource, including the stack's tags.

    The resource's own tags take precedence.
    """
    if not tags or not takes_tags(kind):
        return properties
    own = properties.get("Tags")
    if as_dict(as_dict(aws_types.schema(kind).get("properties")).get("Tags")).get("type") == "object":
        return {**properties, "Tags": {**tags, **as_dict(own)}}
    given = own if isinstance(own, list) else []
    names = {as_dict(each).get("Key") for each in given}
    more: list[Json] = [{"Key": key, "Value": value} for key, value in tags.items() if key not in names]
    return {**properties, "Tags": [*given, *more]}
