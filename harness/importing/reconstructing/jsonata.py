"""Writes the fields of a state in JSONata, if one of them has no JSONPath equivalent."""

from __future__ import annotations

import re
from typing import Final

from harness.json_types import Json, JsonObject

_NAMES: Final = {"ItemsPath": "Items", "Parameters": "Arguments"}
_GONE: Final = ("InputPath", "OutputPath", "ResultPath", "ResultSelector")
_STEP: Final = re.compile(r"\.(\w+)|\['([^']*)'\]|(\[\d+\])")


def in_jsonata(fields: JsonObject) -> JsonObject:
    """Return the same fields in JSONata; `Output` replaces the fields that shape an output."""
    made: JsonObject = {}
    for name, each in fields.items():
        if name in _NAMES:
            path = isinstance(each, str)
            made[_NAMES[name]] = expression(str(each)) if path else _template(each)
        elif name == "InputPath" and fields.get("Resource"):
            made["Arguments"] = expression(str(each))
        elif name == "Catch":
            made[name] = [_catcher(entry) for entry in each] if isinstance(each, list) else each
        elif name == "ItemSelector":
            made[name] = _template(each)
        elif name not in _GONE:
            made[name] = each
    if "Resource" in made and "Arguments" not in made:
        made["Arguments"] = expression("$")
    return made


def _catcher(entry: Json) -> Json:
    if not isinstance(entry, dict) or "ResultPath" not in entry:
        return entry
    rest: JsonObject = {name: each for name, each in entry.items() if name != "ResultPath"}
    path = entry["ResultPath"]
    if path is None:
        return {**rest, "Output": expression("$")}
    name = str(path).removeprefix("$.")
    return {**rest, "Output": f"{{% $merge([$states.input, {{'{name}': $states.errorOutput}}]) %}}"}


def _template(value: Json) -> Json:
    if isinstance(value, dict):
        made: JsonObject = {}
        for name, each in value.items():
            is_path = name.endswith(".$") and isinstance(each, str)
            made[name.removesuffix(".$") if is_path else name] = (
                expression(str(each)) if is_path else _template(each)
            )
        return made
    return [_template(each) for each in value] if isinstance(value, list) else value


def expression(path: str) -> str:
    """Return the expression for a path.

    >>> expression("$.a['b c'][0]"), expression("$$.Task.Token")
    ('{% $states.input.a.`b c`[0] %}', '{% $states.context.Task.Token %}')
    """
    root, rest = ("$states.context", path[2:]) if path.startswith("$$") else ("$states.input", path[1:])
    steps = [
        f".{name}" if name else index if index else f".`{quoted}`"
        for name, quoted, index in _STEP.findall(rest)
    ]
    return f"{{% {root}{''.join(steps)} %}}"
