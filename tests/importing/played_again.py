"""Imports histories of our own, blind, and plays the scenarios again on the interpreter alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exported import MACHINE, ROLE
from replaying import recorded

from harness.expect import BUILT_IN
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
from harness.states import Execution, Identity, Simulation, TaskRequest, VirtualClock, Work, parse
from harness.states.resource import Resource
from harness.stepfunctions.arns import Caller
from harness.stepfunctions.stand_ins import Answer, StandIn, StandIns, work_of

KEPT = Options(keep_names=True, keep_data=True, stubbed=True)
STUBBED = Options(stubbed=True)


def machine_of(definition: Mapping[str, Any]) -> ReplayMachine:
    """A definition as one that was given with --definition."""
    return ReplayMachine("orders", dict(definition), lambda _: Position(Path("orders.asl.json")))


def import_(execution: Execution, definition: Mapping[str, Any], options: Options = KEPT) -> Imported:
    """Import what AWS would tell of an execution."""
    return imported([recorded(execution)], machine_of(definition), options)


def scenario_of(found: Imported) -> Scenario:
    """The scenario that was written."""
    return parse_scenario(found.text, BUILT_IN)


class _Port:
    """Answers tasks as a scenario's stand-ins do on the engine."""

    def __init__(self, scenario: Scenario) -> None:
        self.stand_ins = StandIns([_bound(each) for each in stand_ins_of(scenario)])
        self.simulation: Simulation | None = None

    def start(self, request: TaskRequest) -> Work:
        assert self.simulation is not None
        resource = Resource.of(request.resource)
        caller = Caller.owner_of(request.execution_arn)
        chosen = self.stand_ins.choose(request, resource, caller, lambda _: True)
        assert chosen is not None, f"nothing answers {request}"
        return work_of(chosen, request, resource, "id", self.simulation.scheduler)


def _bound(each: Any) -> StandIn:
    spec = each.spec
    answers = tuple(
        Answer(one.result, one.error or "", one.cause or "", one.takes_s, one.times) for one in spec.answers
    )
    matcher = None if spec.input is None else spec.input.model_dump(by_alias=True, exclude_unset=True)
    chosen = (spec.state, spec.resource, "", spec.params, matcher, *each.which)
    return StandIn(answers, *chosen, iterations=spec.iterations)


def played(found: Imported, definition: Mapping[str, Any]) -> Execution:
    """Play a scenario of one run."""
    scenario = scenario_of(found)
    port = _Port(scenario)
    simulation = port.simulation = Simulation(port, clock=VirtualClock(1_800_000_000.0))
    execution = simulation.start(
        parse(json.dumps(definition)), Identity(MACHINE, ROLE), json.dumps(scenario.runs[0].input)
    )
    simulation.scheduler.run(stop=lambda: not execution.running)
    return execution


def compared(before: Execution, after: Execution) -> list[Difference]:
    """The differences of two histories, what is drawn anew by its form."""
    one, other = recorded(before), recorded(after)
    return differences(flows_of(one.events), flows_of(other.events), Sameness([], [], _any_metadata, {}))


def _any_metadata(_expected: str, _seen: str) -> bool:
    return False


def end_of(execution: RecordedExecution) -> tuple[str, str]:
    """The end: status and error."""
    return execution.status, execution.events[-1].text("error")
