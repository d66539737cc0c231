"""Reads a JSON or YAML template as CloudFormation does. For duplicate keys, the last one is used."""

from __future__ import annotations

import json

from harness.bounds import DEEPEST, TOO_DEEP, TOO_MANY, has_too_many, is_deeper
from harness.cloudformation.faults import refuse
from harness.json_faults import nesting
from harness.json_types import Json, JsonObject


def read(text: str, *, aliases: bool = True) -> JsonObject:
    """Return the template with its short forms expanded.

    With `aliases`, YAML aliases and merge keys are resolved, as with `aws cloudformation package`.
    CloudFormation itself rejects them.

    Raises:
        TemplateRefused: it is neither JSON nor YAML, or not an object.
    """
    found: Json
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # JSON that is nested too deeply is also too deep as YAML
        from harness.cloudformation.yaml_reading import read_yaml  # noqa: PLC0415  (start-up)

        found = read_yaml(text, aliases=aliases)
    if has_too_many(found, text):
        raise refuse(f"Template format error: the template has {TOO_MANY}")
    if is_deeper(found):
        read = text[: nesting(text, DEEPEST)[1]]
        place = read.count("\n") + 1, len(read) - read.rfind("\n") - 1
        raise refuse(f"Template format error: {TOO_DEEP}", remedy="use fewer levels", place=place)
    if not isinstance(found, dict):
        raise refuse("Template format error: unsupported structure.")
    return found
