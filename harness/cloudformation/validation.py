"""Validates properties against the schema for their resource type, with CloudFormation's validation messages.

The result explains why a resource could not be created. It never causes the harness to reject properties that
a service accepts, because the schemas for some types are stricter than CloudFormation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.cloudformation.text import is_scalar
from harness.cloudformation.types import followed, schema_of, shapes_of
from harness.json_types import Json, JsonObject

_NAMES: Final = {"array": "JSONArray", "object": "JSONObject", "string": "String"}
_SCALARS: Final = frozenset(("boolean", "integer", "number", "string"))


def invalid(resource_type: str, properties: JsonObject) -> tuple[str, ...]:
    """Return sentences about properties that have the wrong type or are missing.

    `#/KeySchema/0: required key [AttributeName] not found`
    """
    schema = schema_of(resource_type)
    return () if schema is None else tuple(_faults(schema, schema, properties, "#"))


def _faults(root: JsonObject, schema: JsonObject, value: Json, path: str) -> Iterator[str]:
    shapes = list(shapes_of(root, schema))
    kinds = {kind for shape in shapes for kind in _kinds(shape)}
    if kinds and not _is_one_of(value, kinds):
        wanted = " or ".join(sorted(_NAMES.get(kind, kind.capitalize()) for kind in kinds))
        yield f"{path}: expected type: {wanted}, found: {_name(value)}"
        return
    if isinstance(value, list):
        inner = [items for shape in shapes if isinstance(items := shape.get("items"), dict)]
        for number, entry in enumerate(value if inner else ()):
            yield from _faults(root, inner[0], entry, f"{path}/{number}")
    if isinstance(value, dict):
        for shape in followed(root, schema):
            required = shape.get("required")
            for name in required if isinstance(required, list) else ():
                if name not in value:
                    yield f"{path}: required key [{name}] not found"
        for name, entry in value.items():
            declared = [each for shape in shapes if (each := _member(shape, name)) is not None]
            if declared:
                yield from _faults(root, declared[0], entry, f"{path}/{name}")


def _member(shape: JsonObject, name: str) -> JsonObject | None:
    properties = shape.get("properties")
    found = properties.get(name) if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else None


def _kinds(shape: JsonObject) -> list[str]:
    named = shape.get("type", [])
    return [str(kind) for kind in (named if isinstance(named, list) else [named])]


def _is_one_of(value: Json, kinds: set[str]) -> bool:
    """Return whether a value has one of the types. CloudFormation converts every scalar to a string."""
    if isinstance(value, dict):
        return "object" in kinds
    if isinstance(value, list):
        return "array" in kinds
    return bool(is_scalar(value) and kinds & _SCALARS)


def _name(value: Json) -> str:
    if isinstance(value, dict):
        return "JSONObject"
    if isinstance(value, list):
        return "JSONArray"
    return "null" if value is None else type(value).__name__.capitalize().replace("Str", "String")
