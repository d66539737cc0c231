"""Finds the project's functions that the states in a definition invoke."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from harness.histories import RecordedExecution
from harness.json_types import Json, as_dict
from harness.replay.attempts import attempts_of, state_of
from harness.replay.learning import given_by
from harness.replay.machines import states_of
from harness.replay.open_values import MARK

_FUNCTIONS: Final = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_ENDS: Final = (".Arn", ".Alias")
_WRITES: Final = (
    *("dynamodb:deleteItem", "dynamodb:putItem", "dynamodb:updateItem", "events:putEvents", "sns:publish"),
    "sqs:sendMessage",
)
"""Tasks that write to a resource in the template. Running them reproduces their results."""


def played_in(definition: Json) -> dict[str, str]:
    """Map each state name to the logical ID of the function in the template, or to the integration that
    writes.

    Running other tasks would not reproduce their results on AWS.
    """
    found: dict[str, str] = {}
    for name, _, state in states_of(definition):
        resource = str(state.get("Resource"))
        # The result of a task that waits for its token is external.
        if state.get("Type") == "Task" and not resource.endswith(".waitForTaskToken"):
            for text in _callees(state):
                match = MARK.fullmatch(text) or MARK.match(text)
                if match is not None and match[1].endswith(_ENDS):
                    found[name] = match[1].rpartition(".")[0]
            written = resource.rpartition(":states:::")[2]
            if written in _WRITES and MARK.search(json.dumps(state, ensure_ascii=False)):
                found[name] = written
    return found


def function_names(template: Json) -> dict[str, str]:
    """Map the logical IDs of functions to patterns for their names on AWS.

    The template must not contain the short forms of functions, such as `!Sub`.
    """
    return {
        name: _form(name, as_dict(as_dict(each).get("Properties")).get("FunctionName"))
        for name, each in as_dict(as_dict(template).get("Resources")).items()
        if as_dict(each).get("Type") in _FUNCTIONS
    }


def _form(logical: str, name: Json) -> str:
    if isinstance(name, str):
        return re.escape(name)
    text = as_dict(name).get("Fn::Sub")
    if isinstance(text, list) and text:
        text = text[0]
    if isinstance(text, str):
        return ".+".join(re.escape(part) for part in re.split(r"\$\{[^}]*\}", text))
    # STACK-LOGICALID-RANDOM; LOGICALID may be truncated.
    return rf".+-{re.escape(logical[:24])}\w*-\w+" if name is None else "(?!)"


def played_of_history(execution: RecordedExecution, functions: Mapping[str, str]) -> dict[str, str]:
    """Return the same mapping as `played_in` for an execution without a known definition, from the names of
    the called resources.

    Args:
        functions: the functions in the template; see `function_names`.
    """
    found: dict[str, str] = {}
    for place, visits in attempts_of(execution, {}).items():
        attempt, state = visits.in_order[0][0], state_of(place)
        details = attempt.scheduled.details
        resource = f"{details.get('resourceType')}:{details.get('resource')}"
        arn = str(details.get("resource"))
        if resource == "lambda:invoke":
            arn = str(as_dict(attempt.parameters).get("FunctionName"))
        name = arn.partition(":function:")[2].partition(":")[0] or arn
        logical = [each for each, form in functions.items() if re.fullmatch(form, name)]
        if len(logical) == 1:
            found[state] = logical[0]
        elif resource in _WRITES:
            found[state] = resource
    return found


def named_in(definition: Json) -> frozenset[str]:
    """Return the names of the functions that a definition calls by ARN or by `FunctionName`."""
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
    if isinstance(name := as_dict(given_by(state)).get("FunctionName"), str):
        yield name
