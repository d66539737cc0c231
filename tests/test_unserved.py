"""A scenario that may reach an unsupported state is rejected before its run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.engine.base import Capability
from harness.expect import BUILT_IN
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.stack.model import STATE_MACHINE, Resource, Stack
from harness.stack.origins import origins_in
from harness.stepfunctions.unserved_state import UnservedState
from harness.unserved import refuse_unserved

TEMPLATE = """\
Resources:
  Main:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        StartAt: Work
        States:
          Work: {Type: Pass, Next: Glue}
          Glue: {Type: Task, Resource: "arn:aws:states:::glue:startJobRun", End: true}
  Other:
    Type: AWS::StepFunctions::StateMachine
"""
GLUE = UnservedState("Glue", "arn:aws:states:::glue:startJobRun")
REMEDY = "if the run never enters it, add `expect: {never_entered: [Glue]}`"
DEFINITIONS = {
    "arn:main": {"StartAt": "Work", "States": {"Work": {}, "Glue": {}}},
    "arn:other": {"StartAt": "Start", "States": {"Start": {"Parameters": {"StateMachineArn": "arn:main"}}}},
}


class Engine:
    """Does not support Glue."""

    capabilities = frozenset(Capability)

    def unserved_states(self, machine_arns: Sequence[str]) -> Mapping[str, Sequence[UnservedState]]:
        assert machine_arns == ("arn:main", "arn:other")
        return {"arn:main": [GLUE]}


def refused(folder: Path, scenario: str, definitions: Mapping[str, Any] = DEFINITIONS) -> list[str]:
    """The problems of a scenario, with paths relative to the folder; none when it may run."""
    template = folder / "template.yaml"
    template.write_text(TEMPLATE)
    stack = Stack(
        "stack",
        {},
        {"Main": Resource(STATE_MACHINE, "arn:main"), "Other": Resource(STATE_MACHINE, "arn:other")},
        default_machine="Main",
        origins=origins_in(template),
    )
    described = {arn: json.dumps(definition) for arn, definition in definitions.items()}
    states = SimpleNamespace(
        describe_state_machine=lambda stateMachineArn: {"definition": described[stateMachineArn]}  # noqa: N803
    )
    engine: Any = Engine()
    clients: Any = SimpleNamespace(stepfunctions=states)
    try:
        refuse_unserved(engine, clients, stack, parse(f"title: t\n{scenario}", BUILT_IN, folder / "a.yaml"))
    except ScenarioError as error:
        return [str(problem).removeprefix(f"{folder}/") for problem in error.problems]
    return []


def test_it_is_refused_at_the_states_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "expect: {polls: 0}") == [
        f"template.yaml:9:1: state Glue of Main: {GLUE.what} is not served here; {REMEDY}"
    ]


def test_a_state_that_is_never_entered_is_no_problem(tmp_path: Path) -> None:
    assert refused(tmp_path, "expect: {never_entered: [Glue]}") == []


def test_a_machine_that_is_not_started_is_no_problem(tmp_path: Path) -> None:
    alone = {**DEFINITIONS, "arn:other": {"StartAt": "Start", "States": {"Start": {}}}}
    assert refused(tmp_path, "run: {state_machine: Other}\nexpect: {polls: 0}", alone) == []


def test_a_machine_that_another_names_may_be_started(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "run: {state_machine: Other}\nexpect: {polls: 0}")
    assert "state Glue of Main" in problem


def test_each_run_says_it_for_itself(tmp_path: Path) -> None:
    runs = "run: [{name: a}, {name: b}]\nexpect: {runs: {a: {never_entered: [Glue]}}}"
    (problem,) = refused(tmp_path, runs)
    assert "state Glue of Main" in problem


def test_a_task_is_refused_with_the_lines_that_answer_it(tmp_path: Path) -> None:
    states = {
        "Glue": {"Type": "Task", "Resource": GLUE.what, "ResultSelector": {"id.$": "$.JobRunId"}},
    }
    (problem,) = refused(tmp_path, "expect: {polls: 0}", {**DEFINITIONS, "arn:main": {"States": states}})
    lines = '\n  tasks:\n    - state: Glue  # glue:startJobRun\n      result: {"JobRunId": "JobRunId"}'
    assert problem.endswith(f"{REMEDY}, otherwise define its result:{lines}")
    answered = f"{lines.strip()}\nexpect: {{polls: 0}}".replace("\n  ", "\n")
    assert refused(tmp_path, answered, {**DEFINITIONS, "arn:main": {"States": states}}) == []


def test_a_name_that_no_machine_has_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "expect: {never_entered: [Glue, Wrok]}") == [
        "a.yaml:2:32: no state machine in the template has a state 'Wrok'; did you mean 'Work'? "
        "known: Glue, Start, Work"
    ]


def test_an_express_machine_needs_an_engine_that_shows_what_it_did(tmp_path: Path) -> None:
    stack = Stack("stack", {}, {"Main": Resource(STATE_MACHINE, "arn:main")}, default_machine="Main")
    states = SimpleNamespace(
        describe_state_machine=lambda stateMachineArn: {"type": "EXPRESS", "definition": "{}"}  # noqa: N803
    )
    clients: Any = SimpleNamespace(stepfunctions=states)
    engine: Any = SimpleNamespace(
        label="MiniStack", capabilities=frozenset(Capability), unserved_states=lambda _: {}
    )
    scenario = parse("title: t\nrun:\n- name: first\nexpect: {polls: 0}\n", BUILT_IN, tmp_path / "a.yaml")
    refuse_unserved(engine, clients, stack, scenario)
    engine.capabilities = frozenset()
    with pytest.raises(ScenarioError) as error:
        refuse_unserved(engine, clients, stack, scenario)
    (problem,) = error.value.problems
    assert str(problem).removeprefix(f"{tmp_path}/") == (
        "a.yaml:3:3: run first starts an Express state machine, but MiniStack does not show its executions; "
        "run it on the embedded engine: --engine moto"
    )
