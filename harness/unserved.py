"""States that the engine does not support. Runs are rejected before they start, unless the scenario never
enters such a state.

On AWS these states would run. The limitation is the harness's own, so the definition remains valid.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.expect.never_entered import KEY
from harness.json_types import Json
from harness.scenario.model import Scenario
from harness.scenario.position import Position, Problem, ScenarioError
from harness.scenario.wording import nearest
from harness.stack.lines import TemplateLines
from harness.stack.model import STATE_MACHINE, Stack
from harness.stack.runtimes import lines_for_function
from harness.stack.unserved_tasks import Use, states_in, uses_in
from harness.stand_ins import Answered, functions_not_run, lines_for, tasks_in
from harness.stepfunctions.unserved_state import UnservedState


def refuse_unserved(engine: Engine, clients: Clients, stack: Stack, scenario: Scenario) -> None:
    """Reject a scenario that may enter an unsupported state, or that excludes an unknown state.

    Raises:
        ScenarioError: contains the location of each state in the template, and of each name in the scenario.
    """
    names, definition = _names(stack), _definitions(clients)
    if Capability.EXPRESS not in engine.capabilities:
        _refuse_express(engine, clients, stack, scenario)
    unserved = engine.unserved_states(tuple(names))
    if not unserved and not _named(scenario):
        return
    problems = [
        *_unknown(scenario, map(definition, names)),
        *_reachable(scenario, stack, definition, unserved),
    ]
    if problems:
        raise ScenarioError(problems)


def refuse_tasks(clients: Clients, stack: Stack, scenario: Scenario) -> None:
    """Reject runs that may enter a task that uses an unsupported resource, including in machines that they
    start.

    Raises:
        ScenarioError: at the resource's location in the template. The message names the state.
    """
    if not stack.not_served:
        return
    names, definition = _names(stack), _definitions(clients)
    answered = Answered(scenario, stack)
    problems = [
        _task_problem(stack, scenario, use, json.loads(definition(arn)))
        for spec in scenario.runs
        for arn in _started(stack.state_machine(spec.state_machine), names, definition)
        for use in uses_in(stack, names[arn], json.loads(definition(arn)))
        if use.state not in _named(scenario, spec.name)
        and not answered.has(use.state, json.loads(definition(arn)), [spec.name])
    ]
    if problems:
        raise ScenarioError(problems)


def refuse_functions(clients: Clients, stack: Stack, scenario: Scenario) -> None:
    """Reject functions that cannot run on this engine and have no stand-in.

    Functions with stand-ins are deployed anyway (see `check_runtimes`).

    Raises:
        ScenarioError: lists each function, with the states that invoke it.
    """
    if not scenario.tasks:
        return
    runs_not = functions_not_run(clients, stack)
    if not runs_not:
        return
    definitions = map(json.loads, map(_definitions(clients), _names(stack)))
    answered = Answered(scenario, stack)
    never, runs = _named(scenario), [run.name for run in scenario.runs]
    tasks = [(definition, task) for definition in definitions for task in tasks_in(definition)]
    problems = []
    for logical_id, (physical, why) in runs_not.items():
        users = [(definition, task.name) for definition, task in tasks if physical in task.functions]
        open_ = [name for each, name in users if name not in never and not answered.has(name, each, runs)]
        if open_ or not (users or answered.has_function(logical_id)):
            by = f", and state {open_[0]} invokes it" if open_ else ""
            remedy = f"define its result: {lines_for_function(logical_id)}"
            problems.append(
                Problem(scenario.position("tasks"), f"{stack.shown(logical_id)}: {why}{by}", remedy)
            )
    if problems:
        raise ScenarioError(problems)


def _refuse_express(engine: Engine, clients: Clients, stack: Stack, scenario: Scenario) -> None:
    """Reject runs of Express machines on engines that do not record their executions. AWS's API cannot
    list them.
    """
    problems = [
        Problem(
            scenario.position("run", number),
            f"run {spec.name} starts an Express state machine, but {engine.label} does not show its "
            "executions",
            "run it on the embedded engine: --engine moto",
        )
        for number, spec in enumerate(scenario.runs)
        for described in [
            clients.stepfunctions.describe_state_machine(
                stateMachineArn=stack.state_machine(spec.state_machine)
            )
        ]
        if described.get("type") == "EXPRESS"
    ]
    if problems:
        raise ScenarioError(problems)


def _names(stack: Stack) -> dict[str, str]:
    """Return the logical IDs of the stack's machines by ARN."""
    return {arn: name for name, arn in stack.of_type(STATE_MACHINE).items()}


def _definitions(clients: Clients) -> Callable[[str], str]:
    """Return a function that returns the definition of a machine by ARN. Each definition is read once."""
    describe = clients.stepfunctions.describe_state_machine
    return cache(lambda arn: describe(stateMachineArn=arn)["definition"])


def _named(scenario: Scenario, run: str | None = None) -> dict[str, Position]:
    """Return the states in `never_entered`, for one run or for all runs, each with its location."""
    named: dict[str, Position] = {}
    for name in ("", *(spec.name for spec in scenario.runs)) if run is None else (run,):
        found = scenario.expected(KEY, name)
        if found is not None and isinstance(found[1], tuple):
            named |= {state: scenario.position(*found[0], n) for n, state in enumerate(found[1])}
    return named


def _unknown(scenario: Scenario, definitions: Iterable[str]) -> Iterator[Problem]:
    known = sorted({name for text in definitions for name, _ in states_in(json.loads(text))})
    for state, where in _named(scenario).items():
        if state not in known:
            message = f"no state machine in the template has a state {state!r}"
            yield Problem(where, message, nearest(state, known))


def _reachable(
    scenario: Scenario,
    stack: Stack,
    definition: Callable[[str], str],
    unserved: Mapping[str, Sequence[UnservedState]],
) -> Iterator[Problem]:
    names, answered = _names(stack), Answered(scenario, stack)
    for spec in scenario.runs:
        excluded = _named(scenario, spec.name)
        for arn in _started(stack.state_machine(spec.state_machine), names, definition):
            for found in unserved.get(arn, ()):
                machine = json.loads(definition(arn))
                if found.state not in excluded and not answered.has(found.state, machine, [spec.name]):
                    yield _problem(stack, names[arn], found, scenario, machine)


def _started(arn: str, arns: Iterable[str], definition: Callable[[str], str]) -> tuple[str, ...]:
    """Return a machine, and the machines in `arns` that its definition mentions, because it may start
    them.
    """
    started = [arn]
    for machine in started:
        started += [other for other in arns if other in definition(machine) and other not in started]
    return tuple(started)


def _problem(
    stack: Stack, machine: str, found: UnservedState, scenario: Scenario, definition: Json
) -> Problem:
    where, origin = scenario.position(), stack.origins.get(machine)
    if origin is not None:
        keys = ("Resources", origin.logical_id, "Properties", "Definition", "States", found.state)
        where = Position(origin.template, TemplateLines(origin.template).line(*keys))
    named = origin.readable if origin else machine
    message = f"state {found.state} of {named}: {found.what} is not served here"
    return Problem(where, message, _remedy(found.state, definition))


def _task_problem(stack: Stack, scenario: Scenario, use: Use, definition: Json) -> Problem:
    subject, origin = stack.shown(use.resource), stack.origins.get(use.resource)
    note = next((note for note in stack.notes if note.subject == subject), None)
    line = note.place.rpartition(":")[2] if note else ""
    where = Position(origin.template, int(line)) if origin and line else scenario.position()
    why = f": {note.text}" if note else ""
    message = f"state {use.state} of {use.machine} uses {subject}, which is not served here{why}"
    return Problem(where, message, _remedy(use.state, definition))


def _remedy(state: str, definition: Json) -> str:
    never = f"if the run never enters it, add `expect: {{{KEY}: [{state}]}}`"
    resource = next((task.resource for task in tasks_in(definition) if task.name == state), "")
    if not resource:  # part of a Map
        return never
    return f"{never}, otherwise define its result:\n{lines_for(state, resource, definition)}"
