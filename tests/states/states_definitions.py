"""Definitions of one state, and the problems that they have."""

from __future__ import annotations

import json
from typing import Any

from states_support import FUNCTION

from harness.states import InvalidDefinition, parse

END: dict[str, Any] = {"Type": "Pass", "End": True}


def problems(definition: dict[str, Any], *, express: bool = False) -> list[str]:
    """The problems of a definition, as AWS writes them; none when it is valid."""
    try:
        parse(json.dumps(definition), express=express)
    except InvalidDefinition as error:
        return [str(problem) for problem in error.problems]
    return []


def machine(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine of state A and, when it is named, the end Z."""
    states = {"A": state}
    if '"Z"' in json.dumps(state):
        states["Z"] = END
    return {"StartAt": "A", "States": states, **fields}


def passing(**fields: Any) -> dict[str, Any]:
    return machine({"Type": "Pass", "End": True, **fields})


def task(**fields: Any) -> dict[str, Any]:
    return machine({"Type": "Task", "Resource": FUNCTION, "End": True, **fields})


def choice(*rules: Any, **fields: Any) -> dict[str, Any]:
    return machine({"Type": "Choice", "Choices": [*rules], "Default": "Z", **fields})


def mapping(config: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    processor: dict[str, Any] = {"StartAt": "W", "States": {"W": END}}
    if config is not None:
        processor["ProcessorConfig"] = config
    return machine({"Type": "Map", "ItemProcessor": processor, "End": True, **fields})


def distributed(execution_type: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    return mapping({"Mode": "DISTRIBUTED", "ExecutionType": execution_type}, **fields)
