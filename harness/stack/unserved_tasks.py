"""Tasks of state machines that use a resource that is not served: they are refused before a run.

That is the harness's refusal, and not AWS's: the definition is valid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from harness.engine.clients import Clients
from harness.json_types import Json, JsonObject
from harness.stack.model import DeployError, Resource, Stack
from harness.stack.template import read_template

_REMEDY = (
    "a run that comes there cannot go on as on AWS: let the state use what is served here, for example by a "
    "parameter of the template, or leave it out of what is tried"
)


def refuse_tasks(clients: Clients, stack: Stack, machines: Iterable[str]) -> None:
    """Refuse to start state machines with a task on a resource that is not served, also in what they start.

    Raises:
        DeployError: it names state, resource and place.
    """
    if not stack.not_served:
        return
    said = {note.subject: note for note in stack.notes}
    found = []
    for logical_id, state, name, resource in _uses(clients, stack, machines):
        subject = f"{name} ({resource.type})"
        note = said.get(subject)
        where, why = (f"{note.place}: ", f": {note.text}") if note else ("", "")
        found.append(f"{where}state {state} of {logical_id} uses {subject}, which is not served here{why}")
    if found:
        raise DeployError("\n".join((*found, _REMEDY)))


def _uses(
    clients: Clients, stack: Stack, machines: Iterable[str]
) -> Iterator[tuple[str, str, str, Resource]]:
    """Each use: the machine's logical id, the state, and the resource with its logical id."""
    declared = {arn: name for name, arn in stack.of_type("AWS::StepFunctions::StateMachine").items()}
    waiting = list(dict.fromkeys(machines))
    for arn in waiting:  # grows
        described = clients.stepfunctions.describe_state_machine(stateMachineArn=arn)
        text = described["definition"]
        waiting += [other for other in declared if other in text and other not in waiting]
        mentioned = _mentioned(stack, declared.get(arn, ""))
        for state, task in _tasks(json.loads(text)):
            for name, resource in stack.not_served.items():
                if _is_used(task, resource.physical_id, named=name in mentioned):
                    yield declared.get(arn, arn), state, name, resource


def _mentioned(stack: Stack, machine: str) -> frozenset[str]:
    """The words in the template's declaration of a machine: logical ids that it refers to are among them."""
    if stack.template is None:
        return frozenset(stack.not_served)
    resources = read_template(stack.template)["Resources"]
    assert isinstance(resources, dict), "read_template has looked"
    return frozenset(re.findall(r"\w+", json.dumps(resources.get(machine))))


def _tasks(value: Json) -> Iterator[tuple[str, JsonObject]]:
    """The tasks of a definition with the names of their states, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from _tasks(each)
    elif isinstance(value, dict):
        states = value.get("States")
        for name, state in states.items() if isinstance(states, dict) else ():
            if isinstance(state, dict) and state.get("Type") == "Task":
                yield name, state
        for each in value.values():
            yield from _tasks(each)


def _is_used(value: Json, physical_id: str, *, named: bool) -> bool:
    """Tell whether a task has the ARN in it, or the name where the template refers to the resource."""
    if isinstance(value, dict):
        return any(_is_used(each, physical_id, named=named) for each in value.values())
    if isinstance(value, list):
        return any(_is_used(each, physical_id, named=named) for each in value)
    if not isinstance(value, str):
        return False
    if physical_id.startswith("arn:"):
        return physical_id in value
    return named and physical_id in re.split(r"[:/]", value)
