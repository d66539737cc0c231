"""Definitions from AWS and from histories, instead of a project file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exported import MACHINE, described, execute, history
from minimal_project import PUBLISHES, PYPROJECT, write

from harness.cli import main
from harness.histories import read_histories
from harness.importing.choosing import machine_of
from harness.states import TaskFailed, TaskSucceeded

pytestmark = pytest.mark.usefixtures("kept_engines")

FLOW: dict[str, Any] = {
    "StartAt": "Tell",
    "States": {
        "Tell": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {
                "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/333333333333/acme-orders",
                "MessageBody": "x",
            },
            "Next": "Count",
        },
        "Count": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:eu-west-1:333333333333:function:acme-count",
            "End": True,
        },
    },
}
TOLD = {
    "stateMachineArn": MACHINE,
    "name": "orders",
    "status": "ACTIVE",
    "type": "STANDARD",
    "roleArn": "arn:aws:iam::333333333333:role/acme",
    "definition": json.dumps(FLOW),
}


OK = TaskSucceeded({"MessageId": "m"})


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    failed = execute(FLOW, lambda request: TaskFailed("Oops", "no") if request.state_name == "Count" else OK)
    write(tmp_path, {"run.json": json.dumps(history(failed))})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plays(folder: Path, capsys: Any) -> str:
    """Run the only scenario. Return its text and the text of its definition."""
    (scenario,) = folder.glob("scenarios/*.yaml")
    assert main(["run", str(scenario)]) == 0, capsys.readouterr()
    (definition,) = folder.glob("scenarios/*.asl.json")
    assert f"definition: {definition.name}" in scenario.read_text()
    return scenario.read_text() + definition.read_text()


def test_what_describe_state_machine_prints_is_a_definition(folder, capsys):
    write(folder, {"told.json": json.dumps(TOLD)})
    assert main(["replay", "run.json", "--definition", "told.json"]) == 0
    assert main(["import", "run.json", "--definition", "told.json"]) == 0
    assert "acme" not in plays(folder, capsys)
    # a change to it is reported at its location
    changed = json.loads(TOLD["definition"])
    changed["States"]["Count"]["Retry"] = [{"ErrorEquals": ["States.ALL"]}]
    write(folder, {"told.json": json.dumps({**TOLD, "definition": json.dumps(changed)}, indent=1)})
    capsys.readouterr()
    assert main(["replay", "run.json", "--definition", "told.json"]) == 1
    assert "told.json:7:" in capsys.readouterr().out


@pytest.mark.parametrize("content", [TOLD, FLOW], ids=["described", "plain"])
def test_a_file_beside_the_history_has_the_definition(folder, capsys, content):
    write(folder, {"run.definition.json": json.dumps(content)})
    assert main(["import", "run.json"]) == 0
    said = capsys.readouterr().out
    assert "scenarios/failed-oops-count.asl.json written: the definition, from run.definition.json" in said
    assert "acme" not in plays(folder, capsys)


def test_the_definition_may_stand_in_the_file_of_the_history(folder, capsys):
    text = (folder / "run.json").read_text()
    write(folder, {"run.json": text + json.dumps(TOLD)})
    (execution,) = read_histories([folder])
    assert execution.machine_arn == MACHINE
    assert main(["import", "run.json", "--keep-names"]) == 0
    assert "acme-count" in plays(folder, capsys)


def test_a_template_that_has_the_states_comes_first(folder, capsys):
    states = {"Publish": {"Type": "Pass", "End": True}}
    other = execute({"StartAt": "Publish", "States": states})
    write(folder, {"pyproject.toml": PYPROJECT, "template.yaml": PUBLISHES})
    write(folder, {"other.json": json.dumps(history(other)), "other.definition.json": json.dumps(FLOW)})
    assert main(["import", "run.json", "--machine", "Publish"]) == 0
    capsys.readouterr()
    assert list(folder.glob("scenarios/*.asl.json")) == []


def test_a_call_made_the_machine(folder, capsys):
    made = {
        "Name": "orders",
        "Definition": json.dumps(FLOW),
        "RoleArn": "arn:aws:iam::333333333333:role/acme",
    }
    maker = {
        "StartAt": "Make",
        "States": {
            "Make": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sfn:createStateMachine",
                "Parameters": made,
                "End": True,
            }
        },
    }
    execution = execute(maker, lambda _: TaskSucceeded({"StateMachineArn": MACHINE}))
    one = execute(FLOW)
    write(
        folder,
        {
            "maker.json": json.dumps(history(execution)),
            "maker.definition.json": json.dumps(maker),
            "run.json": json.dumps([history(one), described(one)]),
        },
    )
    executions = list(read_histories([folder / "maker.json", folder / "run.json"]))

    chosen = machine_of((), executions[1], executions)
    assert chosen.machine.definition == FLOW
    assert chosen.source == f"the call createStateMachine of event 3 in {folder / 'maker.json'}"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({**TOLD, "definition": "{"}, "its definition is not JSON"),
        ({"definition": "{}"}, "it contains a definition without a machine"),
    ],
)
def test_a_definition_that_cannot_be_read_is_told(folder, capsys, content, sentence):
    write(folder, {"run.definition.json": json.dumps(content)})
    assert main(["import", "run.json"]) == 2
    assert f"run.definition.json: {sentence}" in capsys.readouterr().err
    assert not (folder / "scenarios").exists()
    write(folder, {"told.json": json.dumps({**TOLD, "definition": "{"})})
    (folder / "run.definition.json").unlink()
    assert main(["replay", "run.json", "--definition", "told.json"]) == 2
    assert "the definition is not valid JSON; export it again" in capsys.readouterr().out
