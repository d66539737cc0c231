"""Stand-ins are bound to the deployed state machines, or refused at their place before a run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.expect import BUILT_IN
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.stack.model import STATE_MACHINE, Resource, Stack
from harness.stand_ins import bound, never_asked
from harness.stepfunctions.stand_ins import StandIn
from harness.unserved import refuse_functions

INVOKE = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
GLUE = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync"}
STATES: dict[str, Any] = {
    "Read": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync"},
    "Ask": {**INVOKE, "Parameters": {"FunctionName": "stack-node"}},
    "Theirs": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:999999999999:function:theirs"},
    "Wait": {"Type": "Wait"},
    "Both": {"Type": "Parallel", "Branches": [{"States": {"Inner": GLUE}}]},
}
STACK = Stack(
    "stack",
    {},
    {
        "Main": Resource(STATE_MACHINE, "arn:main"),
        "Node": Resource("AWS::Lambda::Function", "stack-node"),
        "Python": Resource("AWS::Lambda::Function", "stack-python"),
    },
    default_machine="Main",
)
RUNTIMES = {"stack-node": "nodejs20.x", "stack-python": "python3.13", "Other": "nodejs20.x"}
CLIENTS: Any = SimpleNamespace(
    stepfunctions=SimpleNamespace(
        describe_state_machine=lambda stateMachineArn: {"definition": json.dumps({"States": STATES})}  # noqa: N803
    ),
    client=lambda _: SimpleNamespace(
        get_function_configuration=lambda FunctionName: {"Runtime": RUNTIMES[FunctionName]}  # noqa: N803
    ),
)


def bind(tasks: str, folder: Path = Path()) -> list[StandIn]:
    scenario = parse(f"title: t\ntasks:\n{tasks}\nexpect: {{polls: 0}}", BUILT_IN, folder / "a.yaml")
    made = bound(CLIENTS, scenario, STACK, {})
    refuse_functions(CLIENTS, STACK, scenario)
    return list(made)


def problems(tasks: str, folder: Path = Path()) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        bind(tasks, folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in error.value.problems]


NODE = "  - {function: Node, result: 1}\n"


def test_a_function_is_bound_by_its_logical_id() -> None:
    theirs = "  - {function: theirs, result: 2}\n  - {state: Inner, result: {JobRunState: SUCCEEDED}}"
    assert [each.function for each in bind(NODE + theirs)] == ["stack-node", "theirs", ""]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (
            "{state: Reed, result: {}}",
            "a.yaml:4:13: no state machine in the template has a task 'Reed'; did you mean 'Read'?",
        ),
        (
            "{state: Read, iterations: {Wait: 0}, result: {}}",
            "a.yaml:4:32: no state machine in the template has an inline Map 'Wait'; its inline Maps: none",
        ),
        (
            "{state: Wait, result: {}}",
            "a.yaml:4:13: state Wait is a Wait; only Task states can have stand-ins",
        ),
        (
            "{resource: ecs:runTask, result: {}}",
            "a.yaml:4:16: no state in the state machines has the resource 'ecs:runTask'; did you mean",
        ),
        (
            "{state: Ask, resource: ecs:runTask.sync, result: {}}",
            "a.yaml:4:28: state Ask does not have the resource 'ecs:runTask.sync'",
        ),
        (
            "{function: Nod, result: {}}",
            "a.yaml:4:16: no task invokes a function 'Nod'; did you mean 'Node'?",
        ),
        (
            "{state: Inner, result: {JobRunStat: SUCCEEDED}}",
            "a.yaml:4:29: the result of glue:startJobRun.sync has no member 'JobRunStat'; did you mean",
        ),
        (
            "{state: Inner, results: [{error: E}, {result: {Id: 7}}]}",
            "a.yaml:4:56: Id must be text in the result of glue:startJobRun.sync, found 7",
        ),
        ("{state: Read, python: 'no.py:run'}", "a.yaml:4:27: file "),
    ],
)
def test_what_does_not_fit_the_machines_is_refused_at_its_place(
    tmp_path: Path, entry: str, found: str
) -> None:
    (problem,) = problems(f"{NODE}  - {entry}", tmp_path)
    assert problem.startswith(found)


def test_a_function_of_the_project_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "answers.py").write_text("def run_task(given):\n    return {}\n")
    entry = "  - {state: Read, python: 'answers.py:%s'}"
    bind(NODE + entry % "run_task", tmp_path)
    assert problems(NODE + entry % "run_tsk", tmp_path) == [
        "a.yaml:4:27: answers.py has no function 'run_tsk'; did you mean 'run_task'? known: run_task"
    ]


@pytest.mark.parametrize("entry", ["function: Node", "state: Ask", "resource: lambda:invoke"])
def test_a_function_that_does_not_run_here_is_answered_for(entry: str) -> None:
    assert len(bind(f"  - {{{entry}, validation: NONE, result: {{}}}}")) == 1


def test_a_function_whose_name_is_its_logical_id_need_not_be_invoked() -> None:
    stack = replace(STACK, resources={**STACK.resources, "Other": Resource("AWS::Lambda::Function", "Other")})
    tasks = "- {function: Other, result: {}}\n- {function: Node, result: {}}"
    scenario = parse(f"title: t\ntasks:\n{tasks}\nexpect: {{polls: 0}}", BUILT_IN, Path("a.yaml"))
    assert [each.function for each in bound(CLIENTS, scenario, stack, {})] == ["Other", "stack-node"]
    assert never_asked(CLIENTS, scenario, stack) == {0}  # it only says that Other is not to run


@pytest.mark.parametrize(
    "entry", ["function: Node", "function: Python", "state: Ask", "function: Node, state: Ask"]
)
def test_a_stand_in_that_may_answer_has_to(entry: str) -> None:
    scenario = parse(
        f"title: t\ntasks: [{{{entry}, result: {{}}}}]\nexpect: {{polls: 0}}", BUILT_IN, Path("a.yaml")
    )
    assert never_asked(CLIENTS, scenario, STACK) == frozenset()


def test_a_function_that_nothing_answers_for_is_refused() -> None:
    assert problems("  - {state: Read, result: {}}") == [
        "a.yaml:2:1: Node (AWS::Lambda::Function): Runtime nodejs20.x is not supported; only Python "
        "functions are, and state Ask invokes it; define its result: `tasks: [{function: Node, "
        "result: {}}]`"
    ]
