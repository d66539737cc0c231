"""Tasks of state machines that use a resource that is not served: they are refused before a run.

That is the harness's refusal, and not AWS's: the definition is valid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from harness.engine.clients import Clients
from harness.json_types import Json, JsonObject
from harness.scenario.model import Scenario
from harness.scenario.position import Position, Problem, ScenarioError
from harness.stack.model import Stack
from harness.stack.template import read_template

NEVER_ENTERED: Final = "never_entered"
"""The expectation that names states to which a run does not come."""


class Use(NamedTuple):
    """A state that uses a resource that is not served; both by their names in the template."""

    machine: str
    state: str
    resource: str


def refuse_tasks(clients: Clients, stack: Stack, scenario: Scenario) -> None:
    """Refuse runs that may come to a task on a resource that is not served, also in what they start.

    Raises:
        ScenarioError: it names state and resource, at the resource's place in the template.
    """
    if not stack.not_served:
        return
    problems = []
    for run in scenario.runs:
        expected = scenario.expected(NEVER_ENTERED, run.name)
        excluded = expected[1] if expected is not None and isinstance(expected[1], tuple) else ()
        for use in _uses(clients, stack, stack.state_machine(run.state_machine)):
            if use.state not in excluded:
                problems.append(_problem(stack, scenario, use))
    if problems:
        raise ScenarioError(problems)


def _problem(stack: Stack, scenario: Scenario, use: Use) -> Problem:
    subject = f"{use.resource} ({stack.not_served[use.resource].type})"
    note = next((note for note in stack.notes if note.subject == subject), None)
    line = note.place.rpartition(":")[2] if note else ""
    where = Position(stack.template, int(line)) if stack.template and line else scenario.position()
    why = f": {note.text}" if note else ""
    return Problem(
        where,
        f"state {use.state} of {use.machine} uses {subject}, which is not served here{why}",
        f"if the run never comes to it, say so in `expect: {{{NEVER_ENTERED}: [{use.state}]}}`",
    )


def _uses(clients: Clients, stack: Stack, machine: str) -> Iterator[Use]:
    """Each use in a state machine, and in those of the stack that it names and may start."""
    declared = {arn: name for name, arn in stack.of_type("AWS::StepFunctions::StateMachine").items()}
    waiting = [machine]
    for arn in waiting:  # grows
        text = clients.stepfunctions.describe_state_machine(stateMachineArn=arn)["definition"]
        waiting += [other for other in declared if other in text and other not in waiting]
        name = declared.get(arn, arn)
        yield from uses_in(stack, name, json.loads(text))


def uses_in(stack: Stack, machine: str, definition: Json) -> Sequence[Use]:
    """Each use in the definition of a state machine, by its logical id."""
    mentioned = _mentioned(stack, machine)
    return [
        Use(machine, state, name)
        for state, task in _tasks(definition)
        for name, resource in stack.not_served.items()
        if _is_used(task, resource.physical_id, named=name in mentioned)
    ]


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
