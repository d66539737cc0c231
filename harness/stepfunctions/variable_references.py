"""The variables that a definition's states read, as DescribeStateMachine lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from harness.json_types import Json, JsonObject
from harness.states.query.jsonata.expression import is_expression
from harness.states.query.variable_names import variables_of_jsonata, variables_of_path

_WORKFLOWS: Final = ("Branches", "ItemProcessor", "Iterator")
_TEMPLATES: Final = (
    "Arguments",
    "Assign",
    "BatchInput",
    "Credentials",
    "ItemSelector",
    "Parameters",
    "ResultSelector",
)
_BUILT_IN: Final = frozenset(
    {
        "abs",
        "append",
        "assert",
        "average",
        "base64decode",
        "base64encode",
        "boolean",
        "ceil",
        "clone",
        "contains",
        "count",
        "decodeUrl",
        "decodeUrlComponent",
        "distinct",
        "each",
        "encodeUrl",
        "encodeUrlComponent",
        "error",
        "eval",
        "exists",
        "filter",
        "floor",
        "formatBase",
        "formatInteger",
        "formatNumber",
        "fromMillis",
        "hash",
        "join",
        "keys",
        "length",
        "lookup",
        "lowercase",
        "map",
        "match",
        "max",
        "merge",
        "millis",
        "min",
        "not",
        "now",
        "number",
        "pad",
        "parse",
        "parseInteger",
        "partition",
        "power",
        "random",
        "range",
        "reduce",
        "replace",
        "reverse",
        "round",
        "shuffle",
        "sift",
        "single",
        "sort",
        "split",
        "spread",
        "sqrt",
        "states",
        "string",
        "substring",
        "substringAfter",
        "substringBefore",
        "sum",
        "toMillis",
        "trim",
        "type",
        "uppercase",
        "uuid",
        "zip",
    }
)
"""`$states` and the functions of JSONata 2.0.6 and of Step Functions. They are not variables."""


@lru_cache(maxsize=64)
def variable_references(definition: str) -> JsonObject:
    """Return the names of the variables, in order, for each state that reads any, at any depth.

    Args:
        definition: the text of a definition that AWS accepts.
    """
    machine = json.loads(definition)
    language = machine.get("QueryLanguage", "JSONPath")
    found: dict[str, set[str]] = {}
    for name, state in _states(machine):
        jsonata = state.get("QueryLanguage", language) == "JSONata"
        read = set(_in_jsonata(state) if jsonata else _in_jsonpath(state))
        if read:
            found[name] = found.get(name, set()) | read
    return {name: [*sorted(names)] for name, names in found.items()}


def _states(workflow: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    states = workflow.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if isinstance(state, dict):
            yield name, state
            for inner in (state.get(key) for key in _WORKFLOWS):
                for each in inner if isinstance(inner, list) else [inner]:
                    if isinstance(each, dict):
                        yield from _states(each)


def _fields(value: JsonObject) -> Iterator[tuple[str, Json]]:
    return ((name, each) for name, each in value.items() if name not in (*_WORKFLOWS, "Comment", "Result"))


def _in_jsonata(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for _, each in _fields(value):
            yield from _in_jsonata(each)
    elif isinstance(value, list):
        for each in value:
            yield from _in_jsonata(each)
    elif is_expression(value):
        yield from variables_of_jsonata(value[2:-2]) - _BUILT_IN - {""}


def _in_jsonpath(value: Json, *, template: bool = False) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _in_jsonpath(each, template=template)
    elif isinstance(value, dict):
        for name, each in value.items() if template else _fields(value):
            if isinstance(each, str):
                computed = name.endswith(".$") or (not template and _is_path(name))
                yield from variables_of_path(each) if computed else ()
            else:
                yield from _in_jsonpath(each, template=template or name in _TEMPLATES)


def _is_path(name: str) -> bool:
    return name == "Variable" or (name.endswith("Path") and name != "ResultPath")
