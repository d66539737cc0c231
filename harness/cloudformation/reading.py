"""Reads a template as CloudFormation does: JSON or YAML. The last of equal keys counts."""

from __future__ import annotations

import json

from harness.cloudformation.faults import refuse
from harness.json_types import Json, JsonObject


def read(text: str, *, aliases: bool = True) -> JsonObject:
    """The template with its short forms written out.

    `aliases` lets YAML's aliases and merge keys be followed, as `aws cloudformation package` does;
    CloudFormation itself refuses them.

    Raises:
        TemplateRefused: it is neither JSON nor YAML, or no object.
    """
    found: Json
    try:
        found = json.loads(text)
    except ValueError:
        from harness.cloudformation.yaml_reading import read_yaml  # noqa: PLC0415  (start-up)

        found = read_yaml(text, aliases=aliases)
    except RecursionError:
        raise refuse("Template format error: the template is nested too deeply") from None
    if not isinstance(found, dict):
        raise refuse("Template format error: unsupported structure.")
    return found
