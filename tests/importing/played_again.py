"""Import our own histories, blind, and run the scenarios again on the interpreter alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exported import MACHINE, ROLE
from replaying import recorded

from harness import bind
from harness.expect import BUILT_IN
from harness.functions.faults.registry import FaultRegistry
from harness.histories import RecordedExecution
from harness.importing import Imported, Options, imported
from harness.replay.comparing import Difference, differences
from harness.replay.flows import flows_of
from harness.replay.machines import ReplayMachine
from harness.replay.sameness import Sameness
from harness.scenario.load import parse as parse_scenario
from harness.scenario.model import Scenario
from harness.scenario.position import Position
from harness.scenario.stand_ins import stand_ins_of
from harness.stack.model import STATE_MACHINE, Stack
from harness.stack.model import Resource as Deployed
from harness.stack.naming import executions_of
from harness.states import (
    Execution,
    Identity,
    Simulation,
    TaskRequest,
    TaskSucceeded,
    VirtualClock,
    Work,
    parse,
)
from harness.states.resource import Resource
from harness.stepfunctions.answers import Answers
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.faults import FaultyTasks
from harness.stepfunctions.services import Services
from harness.stepfunctions.stand_ins import Answer, StandIn, StandIns, work_of

KEPT = Options(keep_names=True, keep_data=True, stubbed=True)
STUBBED = Options(stubbed=True)
STACK = Stack("stack", {}, {"Main": Deployed(STATE_MACHINE, MACHINE)}, default_machine="Main")
REQUEST = "7d3f1c52-9b1e-4c57-8b5d-0f4dd2a9c001"


def machine_of(definition: Mapping[str, Any]) -> ReplayMachine:
    """A definition as if passed with --definition."""
    return ReplayMachine("orders", dict(definition), lambda _: Position(Path("orders.asl.json")))


def import_(execution: Execution, definition: Mapping[str, Any], options: Options = KEPT) -> Imported:
    """Import AWS's description of an execution."""
    return imported([recorded(execution)], machine_of(definition), options)


def import_all(
    executions: Sequence[Execution], definition: Mapping[str, Any], *, keep: bool = True
) -> Imported:
    """Import executions of a machine whose callback calls are made here."""
    options = Options(keep_names=keep, keep_data=keep)
    return imported([recorded(each) for each in executions], machine_of(definition), options)


def scenario_of(found: Imported) -> Scenario:
    """The scenario that was written."""
    return parse_scenario(found.text, BUILT_IN)


class _Port:
    """Runs tasks with a scenario's stand-ins and faults, and completes other tasks immediately."""

    def __init__(self, scenario: Scenario, executions: Mapping[str, str]) -> None:
        self.stand_ins = StandIns([_bound(each, executions) for each in stand_ins_of(scenario)])
        registry = FaultRegistry()
        registry.set(bind.faults(scenario, STACK, {}))
        self.faults = FaultyTasks(registry, Services("http://127.0.0.1:9"))
        self.simulation: Simulation | None = None

    def start(self, request: TaskRequest) -> Work:
        assert self.simulation is not None
        resource = Resource.of(request.resource)
        caller = Caller.owner_of(request.execution_arn)
        chosen = self.stand_ins.choose(request, resource, caller, request.execution_arn.__eq__)
        if chosen is not None:
            return work_of(chosen, request, resource, REQUEST, self.simulation.scheduler)
        assert resource.waits_for_token, f"nothing answers {request}"
        faults = self.faults.of(request, resource, REQUEST)
        return faults.refused or faults.work(Work.done(TaskSucceeded({}), 0.1))


def _bound(each: Any, executions: Mapping[str, str]) -> StandIn:
    spec = each.spec
    answers = tuple(
        Answer(one.result, one.error or "", one.cause or "", one.takes_s, one.times) for one in spec.answers
    )
    matcher = None if spec.input is None else spec.input.model_dump(by_alias=True, exclude_unset=True)
    chosen = (spec.state, spec.resource, "", spec.params, matcher, *each.which)
    run = executions.get(spec.run, "")
    return StandIn(answers, *chosen, run=run, iterations=spec.iterations)


def played(found: Imported, definition: Mapping[str, Any]) -> Execution:
    """Run a scenario with one run."""
    (execution,) = all_played(found, definition)
    return execution


def all_played(found: Imported, definition: Mapping[str, Any]) -> list[Execution]:
    """Run a scenario. Return the executions of its runs."""
    scenario = scenario_of(found)
    port = _Port(scenario, executions_of(scenario, STACK))
    begin = 1_800_000_000.0
    simulation = port.simulation = Simulation(port, clock=VirtualClock(begin))
    Answers(simulation, lambda arn: [arn]).set(*bind.answers(scenario, STACK))
    machine, identity = parse(json.dumps(definition)), Identity(MACHINE, ROLE)
    executions = [
        simulation.start(
            machine, identity, json.dumps(run.input), name=run.name, at=begin + (run.at_s or 0.0)
        )
        for run in scenario.runs
    ]
    simulation.scheduler.run(stop=lambda: not any(each.running for each in executions))
    return executions


def compared(before: Execution, after: Execution) -> list[Difference]:
    """The differences between two histories. Values that are drawn again are compared by format."""
    one, other = recorded(before), recorded(after)
    return differences(flows_of(one.events), flows_of(other.events), Sameness([], [], _any_metadata, {}))


def _any_metadata(_expected: str, _seen: str) -> bool:
    return False


def end_of(execution: RecordedExecution) -> tuple[str, str]:
    """The end: status and error."""
    return execution.status, execution.events[-1].text("error")
