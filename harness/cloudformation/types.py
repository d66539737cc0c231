"""Converts resource properties to their types, using the resource schemas in cfn-lint.

CloudFormation converts a number or a boolean to a string where a property is a string, and vice versa.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from harness.cloudformation.faults import Fault, Key, TemplateRefused, refuse
from harness.cloudformation.text import is_scalar, text_of
from harness.json_types import Json, JsonObject

CUSTOM: Final = ("Custom::", "AWS::CloudFormation::CustomResource")
"""Types whose properties are passed to a function with all scalars as strings."""
# Objects whose values are strings. cfn-lint's schemas accept anything.
_TEXTS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("AWS::Lambda::Function", ("Environment", "Variables")),
    ("AWS::StepFunctions::StateMachine", ("DefinitionSubstitutions",)),
    ("AWS::CloudFormation::Stack", ("Parameters",)),
)
_POLICY: Final = re.compile("(Policy|PolicyDocument|PolicyText)$")
_REGION: Final = "us-east-1"
_INTEGER: Final = re.compile(r"[-+]?\d+")
_NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def typed(resource_type: str, properties: JsonObject) -> JsonObject:
    """Return a resource's properties, with scalars converted to the types in its schema.

    Raises TemplateRefused where only a string is allowed, and for properties that the type does not have.
    """
    if resource_type.startswith(CUSTOM):
        made = _all_texts(properties)
    else:
        schema = schema_of(resource_type)
        made = properties if schema is None else _typed(schema, properties)
    assert isinstance(made, dict)
    for kind, keys in _TEXTS:
        if kind == resource_type:
            _make_texts(made, keys)
    return made


def _typed(schema: JsonObject, properties: JsonObject) -> Json:
    types = _Types(schema)
    made = types.typed(properties, schema)
    if types.unknown:
        where = ("/".join(("#", *map(str, path[:-1]))) for path in types.unknown)
        said = ", ".join(
            f"{place}: extraneous key [{path[-1]}] is not permitted"
            for place, path in zip(where, types.unknown, strict=True)
        )
        raise TemplateRefused(
            Fault(types.unknown[0], f"Properties validation failed: {said}", "remove or rename it")
        )
    return made


@functools.cache
def schema_of(resource_type: str) -> JsonObject | None:
    """Return the schema for a resource type. None if it has no schema."""
    names = _names()
    if resource_type not in names:
        return None
    found: JsonObject = json.loads((_folder() / "resources" / f"{names[resource_type]}.json").read_bytes())
    return found


def missing_of(resource: Mapping[str, Json]) -> frozenset[str]:
    """Return the required properties that a resource lacks."""
    schema = schema_of(str(resource.get("Type"))) or {}
    required, properties = schema.get("required", []), resource.get("Properties", {})
    there = properties if isinstance(properties, dict) else {}
    return frozenset(
        str(name) for name in (required if isinstance(required, list) else ()) if name not in there
    )


def attributes_of(resource_type: str) -> frozenset[str] | None:
    """Return the attributes that a type supports for Fn::GetAtt. None if its schema is not known."""
    schema = schema_of(resource_type)
    return None if schema is None else frozenset(_paths(schema, "readOnlyProperties"))


def identifier_of(resource_type: str) -> str | None:
    """Return the property that identifies a resource, such as TopicArn. None if several properties
    identify it together.
    """
    paths = list(_paths(schema_of(resource_type) or {}, "primaryIdentifier"))
    return paths[0] if len(paths) == 1 else None


def _paths(schema: JsonObject, key: str) -> Iterator[str]:
    named = schema.get(key, [])
    for path in named if isinstance(named, list) else ():
        yield str(path).removeprefix("/properties/").replace("/", ".")


@functools.cache
def _folder() -> Path:
    spec = find_spec("cfnlint")  # located without an import, which takes half a second
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "schemas"


@functools.cache
def _names() -> Mapping[str, str]:
    found: dict[str, str] = json.loads((_folder() / "providers" / f"{_REGION}.json").read_bytes())
    return found


def followed(root: JsonObject, schema: JsonObject) -> Iterator[JsonObject]:
    """Yield a schema and the schemas that it refers to."""
    target = schema.get("$ref")
    if isinstance(target, str):
        found: Json = root
        for part in target.removeprefix("#/").split("/"):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, dict):
            yield from followed(root, found)
    yield schema


def shapes_of(root: JsonObject, schema: JsonObject) -> Iterator[JsonObject]:
    """Yield a schema and its alternatives, with references resolved."""
    for each in followed(root, schema):
        yield each
        for key in ("anyOf", "oneOf", "allOf"):
            alternatives = each.get(key)
            for inner in alternatives if isinstance(alternatives, list) else ():
                if isinstance(inner, dict):
                    yield from shapes_of(root, inner)


class _Types:
    """Converts values according to schemas that may refer to definitions in the root schema.

    `unknown` are the paths of keys that the schema does not allow.
    """

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self.unknown: list[tuple[Key, ...]] = []

    def typed(self, value: Json, schema: JsonObject, path: tuple[Key, ...] = ()) -> Json:
        """Return the value at the path, converted to the types in a schema."""
        shapes = list(shapes_of(self._root, schema))
        if isinstance(value, dict):
            return {key: self._member(key, entry, shapes, path) for key, entry in value.items()}
        if isinstance(value, list):
            items = next((items for shape in shapes if isinstance(items := shape.get("items"), dict)), None)
            if items is None:
                return value
            return [self.typed(entry, items, (*path, index)) for index, entry in enumerate(value)]
        return _scalar(value, _kinds(shapes)) if is_scalar(value) else value

    def _member(self, key: str, value: Json, shapes: list[JsonObject], above: tuple[Key, ...]) -> Json:
        path = (*above, key)
        found = next(_schemas_of(key, shapes), None)
        if found is None:
            if any(shape.get("additionalProperties") is False for shape in shapes):
                self.unknown.append(path)
            return value
        if isinstance(value, str) and _POLICY.search(key) and _takes_json(shapes_of(self._root, found)):
            return _policy(key, value)
        return self.typed(value, found, path)


def _schemas_of(key: str, shapes: list[JsonObject]) -> Iterator[JsonObject]:
    """Yield the schemas for a member of an object that matches one of these shapes, most specific first."""
    for shape in shapes:
        properties = shape.get("properties")
        if isinstance(properties, dict) and key in properties:
            found = properties[key]
            yield found if isinstance(found, dict) else {}
    for shape in shapes:
        patterns = shape.get("patternProperties")
        for pattern, found in patterns.items() if isinstance(patterns, dict) else ():
            if isinstance(found, dict) and _matches(pattern, key):
                yield found
    for shape in shapes:
        if isinstance(found := shape.get("additionalProperties"), dict):
            yield found


def _matches(pattern: str, key: str) -> bool:
    """Return whether a key matches a pattern. If only Java supports the pattern, every key matches."""
    try:
        return re.search(pattern, key) is not None
    except re.error:
        return True


def _kinds(shapes: Iterable[JsonObject]) -> set[str]:
    kinds: set[str] = set()
    for shape in shapes:
        named = shape.get("type", [])
        kinds.update(str(kind) for kind in (named if isinstance(named, list) else [named]))
    return kinds


def _scalar(value: Json, kinds: set[str]) -> Json:
    if "string" in kinds:
        return text_of(value) if is_scalar(value) else value
    if isinstance(value, str):
        if "boolean" in kinds and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if kinds & {"integer", "number"} and _INTEGER.fullmatch(value):
            return int(value)
        if "number" in kinds and _NUMBER.fullmatch(value):
            return float(value)
    return value


def _takes_json(shapes: Iterable[JsonObject]) -> bool:
    """Return whether an object may be written as a JSON string."""
    return any(shape.get("format") == "json" or {"object", "string"} <= _kinds([shape]) for shape in shapes)


def _policy(key: str, text: str) -> Json:
    """Parse the policy in a JSON string."""
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise refuse("Syntax errors in policy: it is not a JSON object", key)
    return found


def _all_texts(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _all_texts(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_all_texts(entry) for entry in value]
    return text_of(value) if is_scalar(value) else value


def _make_texts(properties: JsonObject, keys: tuple[str, ...]) -> None:
    """Convert the values of the object at these keys to strings, in place."""
    found: Json = properties
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    for name, value in list(found.items()) if isinstance(found, dict) else ():
        if not is_scalar(value):
            raise refuse(
                f"Value of property {keys[-1]} must be an object with String (or simple type) properties: "
                f"{name} is {'a list' if isinstance(value, list) else 'an object'}"
            )
        assert isinstance(found, dict)
        found[name] = text_of(value)
