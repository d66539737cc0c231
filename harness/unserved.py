"""States that the engine does not serve: refused before a run, unless the scenario never enters them.

On AWS they would run. What is not served is the harness's own limit, so the definition stays valid.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from harness.engine.base import Engine
from harness.engine.clients import Clients
from harness.expect.never_entered import KEY
from harness.json_types import Json
from harness.scenario.model import Scenario
from harness.scenario.position import Position, Problem, ScenarioError
from harness.scenario.wording import nearest
from harness.stack.lines import TemplateLines
from harness.stack.model import Stack
from harness.stepfunctions.unserved_state import UnservedState

MACHINE = "AWS::StepFunctions::StateMachine"


def refuse_unserved(engine: Engine, clients: Clients, stack: Stack, scenario: Scenario) -> None:
    """Refuse a scenario that may come to a state that is not served, or that excludes one that there is not.

    Raises:
        ScenarioError: with the place of each state in the template, and of each name in the scenario.
    """
    machines = stack.of_type(MACHINE)
    unserved = engine.unserved_states(tuple(machines.values()))
    if not unserved and not _named(scenario):
        return
    definitions = {arn: _definition(clients, arn) for arn in machines.values()}
    problems = [
        *_unknown(scenario, definitions),
        *_reachable(scenario, stack, definitions, unserved),
    ]
    if problems:
        raise ScenarioError(problems)


def _definition(clients: Clients, arn: str) -> str:
    return clients.stepfunctions.describe_state_machine(stateMachineArn=arn)["definition"]


def _named(scenario: Scenario, run: str | None = None) -> dict[str, Position]:
    """Give the states that are never entered, of one run or of any, each with its place."""
    named: dict[str, Position] = {}
    for name in ("", *(spec.name for spec in scenario.runs)) if run is None else (run,):
        found = scenario.expected(KEY, name)
        if found is not None and isinstance(found[1], tuple):
            named |= {state: scenario.position(*found[0], n) for n, state in enumerate(found[1])}
    return named


def _unknown(scenario: Scenario, definitions: Mapping[str, str]) -> Iterator[Problem]:
    known = sorted({state for text in definitions.values() for state in _states(json.loads(text))})
    for state, where in _named(scenario).items():
        if state not in known:
            message = f"no state machine of the template has a state {state!r}"
            yield Problem(where, message, nearest(state, known))


def _states(value: Json) -> Iterator[str]:
    """Give the names of the states of a definition, at any depth."""
    if isinstance(value, dict):
        states = value.get("States")
        if isinstance(states, dict):
            yield from states
        for inner in value.values():
            yield from _states(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _states(inner)


def _reachable(
    scenario: Scenario,
    stack: Stack,
    definitions: Mapping[str, str],
    unserved: Mapping[str, Sequence[UnservedState]],
) -> Iterator[Problem]:
    names = {arn: name for name, arn in stack.of_type(MACHINE).items()}
    lines = None if stack.template is None else TemplateLines(stack.template)
    for spec in scenario.runs:
        excluded = _named(scenario, spec.name)
        for arn in _started(stack.state_machine(spec.state_machine), definitions):
            for found in unserved.get(arn, ()):
                if found.state not in excluded:
                    yield _problem(names[arn], found, lines, scenario)


def _started(arn: str, definitions: Mapping[str, str]) -> tuple[str, ...]:
    """Give a machine, and those that it names: it may start them."""
    started = [arn]
    for machine in started:
        started += [other for other in definitions if other in definitions[machine] and other not in started]
    return tuple(started)


def _problem(machine: str, found: UnservedState, lines: TemplateLines | None, scenario: Scenario) -> Problem:
    if lines is None:
        where = scenario.position()
    else:
        keys = ("Resources", machine, "Properties", "Definition", "States", found.state)
        where = Position(lines.path, lines.line(*keys))
    return Problem(
        where,
        f"state {found.state} of {machine}: {found.what} is not served here",
        f"if the run never comes to it, say so in `expect: {{{KEY}: [{found.state}]}}`",
    )
