"""The JSON Schema of a scenario file, so that editors complete and check it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.scenario.base import Model
from harness.scenario.model import Scenario

SCHEMA_FILE = Path(__file__).with_name("schema.json")


def json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12), made from the models and their short forms."""
    schema = Scenario.model_json_schema(by_alias=True)
    models = {model.__name__: model for model in _models(Model)}
    for name, part in schema["$defs"].items():
        _tidy(part)
        if name in models:
            schema["$defs"][name] = _with_short_form(part, models[name])
    _tidy(schema)
    run = schema["properties"]["run"]
    schema["properties"]["run"] = {
        "description": run.pop("description"),
        "anyOf": [run["items"], run],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def json_text() -> str:
    """The schema as the text of schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _models(parent: type[Model]) -> Iterator[type[Model]]:
    for model in parent.__subclasses__():
        yield model
        yield from _models(model)


def _with_short_form(part: dict[str, Any], model: type[Model]) -> dict[str, Any]:
    if not model.may_be_empty:
        part["minProperties"] = 1
    if model.short_schema is None:
        return part
    return {"description": part.pop("description"), "anyOf": [model.short_schema, part]}


def _tidy(part: dict[str, Any]) -> None:
    """Drops what pydantic adds and nobody needs: titles, null, and defaults that say nothing."""
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
