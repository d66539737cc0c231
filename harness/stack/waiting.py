"""Finds the states in a template that wait for an external caller, without a deployment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.json_types import Json, JsonObject, as_dict

FILLED: Final = "918273645"
"""Replacement for a substitution in a definition. It is valid JSON both inside and outside a string."""
_ONLY: Final = re.compile(r"\$\{([^}!]+)\}")


def waiting_states(machine: Json, substitutions: JsonObject, resources: JsonObject) -> Iterator[str]:
    """Return a machine's states that wait, or may wait, for a task token or an activity, including nested
    states.

    Args:
        substitutions: the machine's DefinitionSubstitutions.
        resources: the resources in the template.
    """
    for name, state in as_dict(as_dict(machine).get("States")).items():
        described = as_dict(state)
        if described.get("Type") == "Task" and _may_wait(described.get("Resource"), substitutions, resources):
            yield name
        for inner in inner_workflows(described):
            yield from waiting_states(inner, substitutions, resources)


def inner_workflows(state: JsonObject) -> Iterator[Json]:
    """Return the workflows inside a state."""
    branches = state.get("Branches")
    if branches is not None:
        yield from branches if isinstance(branches, list) else [None]
    for key in ("Iterator", "ItemProcessor"):
        if key in state:
            yield state[key]


def _may_wait(resource: Json, substitutions: JsonObject, resources: JsonObject) -> bool:
    """Return whether a task with this Resource waits, or may wait, for an external caller."""
    if isinstance(resource, str):
        only = _ONLY.fullmatch(resource)
        if only and only[1] in substitutions:
            return _may_wait(substitutions[only[1]], {}, resources)
        if integration := resource.partition(":states:::")[2]:
            return integration.endswith(".waitForTaskToken") or _is_open(integration)
        return ":activity:" in resource or (_is_open(resource) and ":lambda:" not in resource)
    function, argument = next(iter(as_dict(resource).items()), ("", None))
    name = argument
    if function == "Fn::GetAtt":
        name = argument[0] if isinstance(argument, list) and argument else str(argument).partition(".")[0]
    elif function == "Fn::Sub" and isinstance(argument, str):
        only = _ONLY.fullmatch(argument)
        return _may_wait({"Ref": only[1].removesuffix(".Arn")} if only else argument, {}, resources)
    elif function != "Ref":
        return True
    return as_dict(resources.get(str(name))).get("Type") != "AWS::Lambda::Function"


def _is_open(text: str) -> bool:
    """Return whether part of a string is unknown."""
    return FILLED in text or "${" in text
