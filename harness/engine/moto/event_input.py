"""The input for a rule target: the event, part of it, a constant, or a string built from the event.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import Final

from harness.json_types import Json, JsonObject, json_or_text
from harness.states.errors import QueryError
from harness.states.query.jsonpath.path import JsonPath

_PIECES: Final = re.compile(r'<([\w.-]+)>|\\.|"|[^<"\\]+|.', re.DOTALL)


def input_of(target: JsonObject, event: JsonObject, rule: str, rule_arn: str) -> Json:
    """Return the input that a rule sends to a target.

    If a template does not produce JSON, the result is sent as a string.
    """
    constant, path, transformer = (target.get(name) for name in ("Input", "InputPath", "InputTransformer"))
    if isinstance(constant, str):
        return json_or_text(constant)
    if isinstance(path, str):
        return _at(path, event)
    if not isinstance(transformer, dict):
        return event
    declared = transformer.get("InputPathsMap")
    paths = declared if isinstance(declared, dict) else {}
    values: JsonObject = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule,
        "aws.events.event": event,
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event.get("time"),
        **{name: _at(str(place), event) for name, place in paths.items()},
    }
    return json_or_text(_filled(str(transformer.get("InputTemplate", "")), values))


def _at(path: str, event: JsonObject) -> Json:
    """Return the value at a path, or null if it does not exist."""
    try:
        return JsonPath(path).find(event)
    except QueryError:
        return None


def _filled(template: str, values: JsonObject) -> str:
    """Return the template with its variables replaced.

    A variable is replaced with JSON if it stands alone, and with text if it is inside a string.
    """
    inside, filled = False, ""
    for piece in _PIECES.finditer(template):
        name, text = piece[1], piece[0]
        if text == '"':
            inside = not inside
        if name is None or name not in values:
            filled += text
            continue
        value = values[name]
        if not inside:
            filled += json.dumps(value)
        elif value is not None:
            filled += json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]
    return filled
