"""The scenario format reference as Markdown, for the documentation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from harness.scenario.model import Scenario
from harness.scenario.schema import Schema, json_schema

# Names for simple types, by JSON Schema type.
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
}


def reference(model: type[Scenario]) -> str:
    """Return a table of keys for the file, and a table for each type of entry in it."""
    schema = json_schema(model)
    names = _names(schema, schema["$defs"], [])
    return "\n".join([_section("The file", schema, schema), *_sections(schema, names)])


def added_reference(model: type[Scenario], built_in: type[Scenario]) -> str:
    """Return a table of the `expect` keys unique to `model`, and a table for each type of entry in them."""
    schema, known = json_schema(model), json_schema(built_in)
    rows = schema["$defs"]["Expect"]["properties"]
    added = {key: rows[key] for key in rows.keys() - known["$defs"]["Expect"]["properties"].keys()}
    ordered = {key: row for key, row in rows.items() if key in added}
    names = [name for name in _names(ordered, schema["$defs"], []) if name not in known["$defs"]]
    return "\n".join([*_table(ordered, (), schema), "", *_sections(schema, names)])


def _sections(schema: Schema, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        part = schema["$defs"][name]
        if "prefixItems" not in part:
            yield _section(noun(name), part, schema)


def noun(model: str) -> str:
    """Return a model name as a noun for the reference: `bucket` for BucketSpec."""
    model = model.rpartition("__")[2]  # if two models have the same name, pydantic adds the module
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model).strip()
    return spaced.removesuffix(" spec").replace("json", "JSON")


def _section(title: str, part: Schema, schema: Schema) -> str:
    lines = [f"## {title[0].upper()}{title[1:]}", "", part["description"], ""]
    short, long = part.get("anyOf", (None, part))
    if short is not None:
        lines += [f"Short form: {_type(short, schema)}.", ""]
    return "\n".join([*lines, *_table(long["properties"], long.get("required", ()), schema), ""])


def _table(fields: Mapping[str, Schema], required: Collection[str], schema: Schema) -> Iterator[str]:
    yield from ("| key | type | default | meaning |", "|---|---|---|---|")
    for key, field in fields.items():
        needed = "**required**" if key in required else field.get("default", "")
        yield f"| `{key}` | {_type(field, schema)} | {needed} | {_cell(field.get('description', ''))} |"


def _type(part: Schema, schema: Schema) -> str:
    """Return a type as text, with links to reference entries in italics."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        row = schema["$defs"][name].get("prefixItems")
        return f"[{', '.join(_type(item, schema) for item in row)}]" if row else f"*{noun(name)}*"
    if "$comment" in part:
        return str(part["$comment"])
    if "anyOf" in part:
        return " or ".join(_type(kind, schema) for kind in part["anyOf"])
    if "enum" in part:
        return ", ".join(f"`{word}`" for word in part["enum"])
    if isinstance(part.get("type"), list):
        return "text, number, true or false"
    if isinstance(part.get("items"), dict):
        return f"list of {_type(part['items'], schema)}"
    if isinstance(inner := part.get("additionalProperties"), dict):
        return f"mapping from names to {_type(inner, schema)}"
    return _WORDS.get(str(part.get("type")), "any JSON")


def _names(part: object, definitions: Mapping[str, Schema], seen: list[str]) -> Iterator[str]:
    """Return the definitions in the order of their first use in the file format."""
    if isinstance(part, list):
        for inner in part:
            yield from _names(inner, definitions, seen)
    elif isinstance(part, dict):
        for key, inner in part.items():
            if key == "$ref" and (name := inner.rpartition("/")[2]) not in seen:
                seen.append(name)
                yield name
                yield from _names(definitions[name], definitions, seen)
            elif key != "$defs":
                yield from _names(inner, definitions, seen)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
