"""The JSON Schema for a scenario file, for completion and validation in editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypedDict, cast

from pydantic import TypeAdapter

from harness.json_types import Json, JsonObject
from harness.scenario import shape
from harness.scenario.base import Model
from harness.scenario.model import Scenario

Schema = TypedDict(
    "Schema",
    {
        "$schema": str,
        "$defs": dict[str, "Schema"],
        "$ref": str,
        "$comment": str,
        "title": str,
        "description": str,
        "type": "str | list[str]",
        "default": "Json",
        "anyOf": list["Schema"],
        "enum": list[str],
        "items": "Schema",
        "prefixItems": list["Schema"],
        "properties": dict[str, "Schema"],
        "required": list[str],
        "additionalProperties": "Schema | bool",
        "minProperties": int,
    },
    total=False,
)
"""The JSON Schema keywords that this module handles. Others remain unchanged."""
_PREFIX = "#/$defs/"


def json_schema(model: type[Scenario]) -> Schema:
    """Return the schema (draft 2020-12) for files that `model` reads. It is based on the models and their
    short forms.
    """
    kinds = tuple(shape.parts(model))
    given, definitions = TypeAdapter.json_schemas(
        [(kind, "validation", TypeAdapter(kind)) for kind in kinds], by_alias=True
    )
    references = {kind: str(given[kind, "validation"]["$ref"]) for kind in kinds}
    schemas: dict[str, Schema] = definitions["$defs"]
    for part in schemas.values():
        _tidy(part)
    for kind, reference in references.items():
        name = reference.removeprefix(_PREFIX)
        if shape.is_model(kind):
            schemas[name] = _with_short_form(schemas[name], kind, references)
    schema = schemas.pop(references[model].removeprefix(_PREFIX))
    for key in ("stack", "run"):  # a single item, or a list
        part = schema["properties"][key]
        schema["properties"][key] = {
            "description": part.pop("description"),
            "anyOf": [part["items"], part],
        }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": schemas, **schema}


def json_text(model: type[Scenario]) -> str:
    """Return the schema text that `harness schema` prints."""
    return json.dumps(json_schema(model), indent=2, ensure_ascii=False) + "\n"


def _with_short_form(part: Schema, model: type[Model], references: Mapping[type, str]) -> Schema:
    if not model.may_be_empty:
        part["minProperties"] = 1
    if model.short_schema is None:
        return part
    short = cast("Schema", _written(model.short_schema, references))
    return {"description": part.pop("description"), "anyOf": [short, part]}


def _written(short: object, references: Mapping[type, str]) -> Json:
    """Return the schema for a short form, with a reference for each type in it."""
    if isinstance(short, type):
        return {"$ref": references[short]}
    if isinstance(short, Mapping):
        found: JsonObject = {str(key): _written(value, references) for key, value in short.items()}
        return found
    if isinstance(short, list):
        return [_written(value, references) for value in short]
    assert short is None or isinstance(short, str | int | float)
    return short


def _tidy(part: Schema) -> None:
    """Remove unnecessary parts added by pydantic: titles, null, and uninformative defaults."""
    part.pop("title", None)
    for item in part.get("prefixItems", ()):
        item.pop("title", None)
    if "description" in part:
        part["description"] = part["description"].split("\n\n")[0].replace("\n", " ")
    for field in part.get("properties", {}).values():
        field.pop("title", None)
        if not isinstance(field.get("default"), int):
            field.pop("default", None)
        if {"type": "null"} in field.get("anyOf", ()):
            field["anyOf"].remove({"type": "null"})
            if len(field["anyOf"]) == 1:
                field.update(field.pop("anyOf")[0])
