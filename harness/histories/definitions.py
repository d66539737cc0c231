"""Definitions in AWS's format: DescribeStateMachine, DescribeStateMachineForExecution, CreateStateMachine.

{"stateMachineArn": ..., "name": "orders", "definition": "{\\"StartAt\\": ...}", "roleArn": ..., "type":
...}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from harness.histories.model import GivenDefinition, RecordedExecution
from harness.json_types import Json, JsonObject, as_dict, json_or_text

GIVEN: Final = ".definition.json"
"""Suffix of a file with the definition for the execution in the file next to it."""
_CALLS: Final = ("createStateMachine", "updateStateMachine")


def described_definition(document: JsonObject, source: str) -> GivenDefinition | None:
    """Return the definition in the output of DescribeStateMachine; None for any other document.

    Raises:
        ValueError: its definition is not a JSON object.
    """
    text = document.get("definition")
    if not isinstance(text, str) or "stateMachineArn" not in document:
        return None
    value: Json = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004  (the error is in the text)
    arn = str(document["stateMachineArn"])
    name = str(document.get("name") or arn.rpartition(":stateMachine:")[2].partition(":")[0])
    return GivenDefinition(value, source, name, arn, document.get("type") == "EXPRESS")


def definitions_of_calls(executions: Iterable[RecordedExecution]) -> Iterator[GivenDefinition]:
    """Return the definitions with which executions created machines; for equal names, oldest first."""
    for each in executions:
        for event in each.events:
            if event.type != "TaskScheduled" or event.text("resource") not in _CALLS:
                continue
            given = as_dict(json_or_text(event.text("parameters")))
            definition = json_or_text(str(given.get("Definition")))
            if isinstance(definition, dict):
                arn = str(given.get("StateMachineArn", ""))
                name = str(given.get("Name") or arn.rpartition(":stateMachine:")[2])
                source = f"the call {event.text('resource')} of event {event.id} in {each.file}"
                yield GivenDefinition(definition, source, name, arn, given.get("Type") == "EXPRESS")
