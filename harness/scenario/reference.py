"""The reference of the scenario format as Markdown, for the README."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.scenario.schema import json_schema

# Simple types by the JSON Schema's word.
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
}


def reference() -> str:
    """A table of keys for the file, and one for each kind of entry in it."""
    schema = json_schema()
    sections = [_section("The file", schema)]
    for name in _names(schema, schema["$defs"], []):
        part = schema["$defs"][name]
        if "prefixItems" not in part:
            sections.append(_section(noun(name), part))
    return "\n".join(sections)


def noun(model: str) -> str:
    """A model's name as a noun of the reference: `bucket` for BucketSpec."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model).strip()
    return spaced.removesuffix(" spec").replace("json", "JSON")


def _section(title: str, part: dict[str, Any]) -> str:
    lines = [f"#### {title[0].upper()}{title[1:]}", "", part["description"], ""]
    short, long = part.get("anyOf", (None, part))
    if short is not None:
        lines += [f"Short form: {_type(short)}.", ""]
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, field in long["properties"].items():
        needed = "**required**" if key in long.get("required", ()) else field.get("default", "")
        lines.append(f"| `{key}` | {_type(field)} | {needed} | {_cell(field.get('description', ''))} |")
    return "\n".join([*lines, ""])


def _type(part: dict[str, Any]) -> str:
    """A type in words, with the entries of the reference in italics."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return "[objects, size]" if name == "Aggregate" else f"*{noun(name)}*"
    if "$comment" in part:
        return str(part["$comment"])
    if "anyOf" in part:
        return " or ".join(map(_type, part["anyOf"]))
    if "enum" in part:
        return ", ".join(f"`{word}`" for word in part["enum"])
    if isinstance(part.get("type"), list):
        return "text, number, true or false"
    if isinstance(part.get("items"), dict):
        return f"list of {_type(part['items'])}"
    if isinstance(part.get("additionalProperties"), dict):
        return f"mapping from names to {_type(part['additionalProperties'])}"
    return _WORDS.get(str(part.get("type")), "any JSON")


def _names(part: Any, definitions: dict[str, Any], seen: list[str]) -> Iterator[str]:
    """The definitions in the order in which a reader meets them from the file downwards."""
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
