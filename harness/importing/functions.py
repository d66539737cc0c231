"""Finds the functions of a project that the states of a definition invoke."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from harness.json_types import Json
from harness.replay.machines import states_of
from harness.replay.open_values import MARK

_ENDS: Final = (".Arn", ".Alias")
_WRITES: Final = (
    *("dynamodb:deleteItem", "dynamodb:putItem", "dynamodb:updateItem", "events:putEvents", "sns:publish"),
    "sqs:sendMessage",
)
"""Tasks that write into a resource of the template: their results are made again by doing them."""


def played_in(definition: Json) -> dict[str, str]:
    """Name of a state -> logical id of the function of the template, or the integration that writes.

    Other tasks do not give again what they gave on AWS.
    """
    found: dict[str, str] = {}
    for name, _, state in states_of(definition):
        resource = str(state.get("Resource"))
        # A task that waits for its token has the result that somebody outside gives.
        if state.get("Type") == "Task" and not resource.endswith(".waitForTaskToken"):
            for text in _callees(state):
                match = MARK.fullmatch(text) or MARK.match(text)
                if match is not None and match[1].endswith(_ENDS):
                    found[name] = match[1].rpartition(".")[0]
            written = resource.rpartition(":states:::")[2]
            if written in _WRITES and MARK.search(json.dumps(state, ensure_ascii=False)):
                found[name] = written
    return found


def named_in(definition: Json) -> frozenset[str]:
    """The names of the functions that a definition calls by ARNs or by `FunctionName`."""
    found = set()
    for _, _, state in states_of(definition):
        for text in _callees(state):
            parts = text.split(":")
            if len(parts) > 6 and parts[5] == "function":
                found.add(parts[6])
    return frozenset(found)


def _callees(state: dict[str, Json]) -> Iterator[str]:
    resource = state.get("Resource")
    if isinstance(resource, str):
        yield resource
    for key in ("Parameters", "Arguments"):
        given = state.get(key)
        if isinstance(given, dict) and isinstance(name := given.get("FunctionName"), str):
            yield name
