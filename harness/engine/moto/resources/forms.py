"""Types of attribute values, from resource type schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from harness.engine.moto.resources import aws_types
from harness.json_types import Json, JsonObject

_DEEP: Final = 4
"""The maximum depth of nested objects. Some object types contain themselves."""


@dataclass(frozen=True)
class Form:
    """The type of a value, as a JSON Schema type name. `choice` is one of the enumerated values."""

    kind: str = "string"
    choice: str = ""
    item: Form | None = None
    members: Mapping[str, Form] = field(default_factory=dict)


def of(kind: str, attribute: str) -> Form:
    """Return the form of an attribute such as `Endpoint.Address`.

    It is a string if the schema does not define a type.
    """
    root = aws_types.schema(kind)
    found = root
    for name in attribute.split("."):
        found = _member(root, found, name)
    return _form(root, found, 0)


def _form(root: JsonObject, schema: JsonObject, depth: int) -> Form:
    shapes = [*_shapes(root, schema)]
    kinds = [kind for shape in shapes for kind in _kinds(shape)]
    kind = next((each for each in kinds if each != "null"), "")
    if kind == "array":
        items = next((items for shape in shapes if isinstance(items := shape.get("items"), dict)), None)
        return Form(kind, item=_form(root, items, depth + 1) if items and depth < _DEEP else None)
    if kind == "object" or (not kind and any("properties" in shape for shape in shapes)):
        members = (
            {}
            if depth >= _DEEP
            else {
                name: _form(root, inner, depth + 1)
                for shape in shapes
                for name, inner in _properties(shape).items()
                if isinstance(inner, dict)
            }
        )
        return Form("object", members=members)
    texts = [text for shape in shapes for text in _texts(shape)]
    return Form(kind or "string", choice=texts[0] if texts else "")


def _member(root: JsonObject, schema: JsonObject, name: str) -> JsonObject:
    for shape in _shapes(root, schema):
        found = _properties(shape).get(name)
        if isinstance(found, dict):
            return found
    return {}


def _properties(shape: JsonObject) -> JsonObject:
    found = shape.get("properties")
    return found if isinstance(found, dict) else {}


def _kinds(shape: JsonObject) -> list[str]:
    named = shape.get("type", [])
    return [str(each) for each in (named if isinstance(named, list) else [named])]


def _texts(shape: JsonObject) -> list[str]:
    """Return the enumerated values, if the schema lists them."""
    listed = shape.get("enum")
    found: list[Json] = listed if isinstance(listed, list) else [shape.get("const")]
    return [each for each in found if isinstance(each, str)]


def _shapes(root: JsonObject, schema: JsonObject, depth: int = 0) -> Iterator[JsonObject]:
    """Yield a schema and its alternatives, with references resolved."""
    target = schema.get("$ref")
    if isinstance(target, str) and depth < _DEEP:
        found: Json = root
        for part in target.removeprefix("#/").split("/"):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, dict):
            yield from _shapes(root, found, depth + 1)
    yield schema
    for key in ("anyOf", "oneOf", "allOf"):
        alternatives = schema.get(key)
        for each in alternatives if isinstance(alternatives, list) else ():
            if isinstance(each, dict):
                yield from _shapes(root, each, depth + 1)
