"""Child executions are found by ARN, name, input or time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exported import execute, history
from minimal_project import write
from replaying import recorded

from harness.cli import main
from harness.histories import RecordedExecution
from harness.importing.belonging import children_in, without
from harness.importing.functions import function_names, played_of_history
from harness.states import TaskFailed, TaskSucceeded

pytestmark = pytest.mark.usefixtures("kept_engines")

PLACE = "arn:aws:states:eu-west-1:111111111111"
START = {
    "StartAt": "Start",
    "States": {
        "Start": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution",
            "Parameters": {"StateMachineArn": f"{PLACE}:stateMachine:other", "Input": {"order.$": "$.order"}},
            "Next": "Rest",
        },
        "Rest": {"Type": "Wait", "Seconds": 60, "End": True},
    },
}
OTHER = {
    "StartAt": "Work",
    "States": {
        "Work": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:eu-west-1:111111111111:function:shop-Count-A1B2C3",
            "End": True,
        }
    },
}


def named(execution: RecordedExecution, machine: str, name: str, later: float = 0) -> RecordedExecution:
    """The same execution, but from a different machine, with a different name, some seconds later."""
    return replace(
        execution,
        file=Path(f"{machine}.json"),
        arn=f"{PLACE}:execution:{machine}:{name}",
        name=name,
        machine_arn=f"{PLACE}:stateMachine:{machine}",
        started=execution.started + later,
        events=tuple(replace(each, time=each.time + later) for each in execution.events),
    )


def parent(answer: Any = "nothing") -> RecordedExecution:
    made = recorded(execute(START, lambda _: TaskSucceeded(answer), input='{"order": "A1"}'))
    return named(made, "first", "first-run")


def child(given: str = '{"order": "B2"}', later: float = 1) -> RecordedExecution:
    return named(recorded(execute(OTHER, input=given)), "other", "second-run", later)


def test_the_answer_of_a_task_has_the_arn():
    (found,) = children_in([child(), parent({"ExecutionArn": f"{PLACE}:execution:other:second-run"})])
    assert found.execution.machine_name == "other"
    assert found.parent.machine_name == "first"
    assert (found.how, found.state, found.guessed) == ("event 5", "Start", False)


def test_a_task_started_it_with_its_input():
    given = json.dumps({"order": "A1", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "x"})
    (found,) = children_in([parent(), child(given)])
    assert (found.how, found.state) == ("event 3", "Start")


def test_its_input_has_the_name_of_the_parent():
    (found,) = children_in([parent(), child('{"run": "first-run"}')])
    assert (found.how, found.state) == ("its input, which contains the name of that execution", "")


def test_the_time_is_a_guess():
    (found,) = children_in([parent(), child()])
    assert (found.how, found.guessed) == ("the time: it ran during that execution", True)
    assert children_in([parent(), child(later=100)]) == ()
    assert children_in([parent(), child(later=-100)]) == ()


def test_executions_of_one_machine_start_none_of_each_other():
    one = parent()
    assert children_in([one, replace(one, arn=f"{one.arn}-2", name="first-run-2")]) == ()
    bare = [replace(each, machine_arn="", arn="") for each in (one, one)]
    assert children_in(bare) == ()


def test_the_events_of_a_task_are_left_out():
    types = [each.type for each in without(parent(), ["Start"])]
    assert "TaskScheduled" not in types
    assert types[0] == "ExecutionStarted"
    assert types[-3:] == ["WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"]


@pytest.mark.parametrize(
    ("name", "plays"),
    [
        (None, True),
        ({"Fn::Sub": "shop-Count-${Id}"}, True),
        ({"Fn::Sub": ["${Stack}-Count-A1B2C3", {}]}, True),
        ("shop-Count-A1B2C3", True),
        ("another", False),
        ({"Ref": "Name"}, False),
    ],
)
def test_the_functions_of_a_machine_that_code_made_are_known_by_their_names(name, plays):
    properties = {"FunctionName": name} if name else {}
    template = {"Resources": {"Count": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    found = played_of_history(child(), function_names(template))
    assert found == ({"Work": "Count"} if plays else {})


def about(machine: str, name: str, status: str) -> str:
    """The DescribeExecution response for an execution."""
    shown = {
        "executionArn": f"{PLACE}:execution:{machine}:{name}",
        "stateMachineArn": f"{PLACE}:stateMachine:{machine}",
        "name": name,
        "status": status,
    }
    return json.dumps(shown)


def test_what_only_code_starts_is_refused_without_it(tmp_path, monkeypatch, capsys):
    rest = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 60, "End": True}}}
    one, other = execute(rest), execute(OTHER, input='{"run": "first-run"}')
    files = {
        "one.json": json.dumps(history(one)),
        "one.definition.json": json.dumps(rest),
        "one.describe.json": about("first", "first-run", "SUCCEEDED"),
        "other.json": json.dumps(history(other)),
        "other.describe.json": about("other", "second-run", "SUCCEEDED"),
    }
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    assert main(["import", "one.json", "other.json"]) == 2
    said = capsys.readouterr().err
    assert (
        "other.json: first-run started it, but nothing in the scenario starts it: no task of that execution"
        in said
    )
    assert not (tmp_path / "scenarios").exists()


def test_a_definition_goes_with_that_of_the_machine_that_it_starts(tmp_path, monkeypatch, capsys):
    answer = TaskSucceeded({"ExecutionArn": f"{PLACE}:execution:other:second-run"})
    one = execute(START, lambda _: answer, input='{"order": "A1"}')
    other = execute(OTHER, lambda _: TaskFailed("Busy", "no"), input='{"order": "A1"}')
    files = {
        "one.json": json.dumps(history(one)),
        "other.json": json.dumps(history(other)),
        "other.describe.json": about("other", "second-run", "FAILED"),
    }
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    assert main(["import", "one.json", "other.json", "--output", "s/again.yaml"]) == 0
    said = capsys.readouterr()
    assert "s/again.asl.json written: the definition, from the history alone" in said.out
    (beside,) = tmp_path.glob("s/again.*.asl.json")
    assert f"s/{beside.name} written: the definition of " in said.out
    text = (tmp_path / "s/again.yaml").read_text()
    assert f"{beside.name}" in text
    assert "state: Work" in text
    assert "state: Start\n" not in text
    assert "second-run" not in text
    assert main(["run", "s/again.yaml"]) == 0, capsys.readouterr()
