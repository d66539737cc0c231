"""`harness import` from a history alone: the generated definition matches the scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exported import described, execute, history
from minimal_project import write

from harness.cli import main
from harness.states import TaskFailed, TaskRequest, TaskSucceeded

QUEUE = "https://sqs.eu-west-1.amazonaws.com/333333333333/acme-orders"
FLOW: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.parcels",
            "ResultPath": "$.counted",
            "ItemProcessor": {
                "StartAt": "Count",
                "States": {
                    "Count": {
                        "Type": "Task",
                        "Resource": "arn:aws:lambda:eu-west-1:333333333333:function:acme-count",
                        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2}],
                        "End": True,
                    }
                },
            },
            "Next": "Tell",
        },
        "Tell": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": QUEUE, "MessageBody.$": "$.secret"},
            "End": True,
        },
    },
}
GIVEN = {"parcels": [{"order": "acme-1"}, {"order": "acme-2"}], "secret": "acme's own"}


def answer(request: TaskRequest) -> Any:
    if request.state_name == "Tell":
        return TaskFailed("Sqs.Gone", "no queue at acme")
    return TaskFailed("Busy", "acme is busy") if request.attempt == 0 else TaskSucceeded({"by": "acme"})


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    execution = execute(FLOW, answer, input=json.dumps(GIVEN))
    about = json.dumps(described(execution))
    write(tmp_path, {"run.json": json.dumps(history(execution)), "run.describe.json": about})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_history_alone_plays_again(folder, capsys):
    assert main(["import", "run.json"]) == 0
    said = capsys.readouterr()
    assert (
        "scenarios/failed-sqs-gone-tell.asl.json written: the definition, from the history alone" in said.out
    )
    guessed = "state 'Count': Retry for Busy: 1 retry was seen; there may be more"
    assert f"guessed: {guessed}" in said.err
    scenario = (folder / "scenarios/failed-sqs-gone-tell.yaml").read_text()
    definition = (folder / "scenarios/failed-sqs-gone-tell.asl.json").read_text()
    assert f"# - {guessed}" in scenario
    assert "guessed: Retry for Busy" in definition
    written = " ".join(path.read_text() for path in folder.glob("scenarios/*")) + said.err
    assert "acme" not in written
    assert "333333333333" not in written
    states = json.loads(definition)["States"]
    assert states["Tell"]["Parameters"]["MessageBody.$"] == "$.secret"
    assert states["Each"]["ItemsPath"] == "$.parcels"
    assert main(["run", "scenarios/failed-sqs-gone-tell.yaml"]) == 0, capsys.readouterr()


def test_what_is_kept_replays_the_same(folder, capsys):
    assert main(["import", "run.json", "--keep-names", "--keep-data"]) == 0
    definition = "scenarios/failed-sqs-gone-tell.asl.json"
    assert QUEUE in (folder / definition).read_text()
    assert main(["replay", "run.json", "--definition", definition]) == 0, capsys.readouterr()


def test_what_does_not_replay_the_same_is_said(folder, capsys):
    flow = {
        "StartAt": "Wait",
        "States": {"Wait": {"Type": "Wait", "SecondsPath": "$.never", "End": True}},
    }
    write(folder, {"odd.json": json.dumps(history(execute(flow)))})
    assert main(["import", "odd.json"]) == 0
    said = capsys.readouterr().err
    assert "guessed: state 'Wait': it failed with States.Runtime for an unknown reason" in said
    assert "guessed: odd.json: the replay with this definition differs: event 3" in said


def test_what_the_definition_names_is_beside_it(folder, capsys):
    """Tables, machines and functions exist, although stand-ins answer everything."""
    task = {"Type": "Task", "ResultPath": None}
    arn = "arn:aws:states:eu-west-1:333333333333:stateMachine:acme-other"
    key = {"Key": {"id": {"S.$": "$.id"}, "at": {"N": "1"}}}
    get, put = "arn:aws:states:::dynamodb:getItem", "arn:aws:states:::dynamodb:putItem"
    steps = {
        "Get": {**task, "Resource": get, "Parameters": {"TableName": "acme-orders", **key}},
        "Put": {**task, "Resource": put, "Parameters": {"TableName": "acme-log", "Item": {"a": {"S": "b"}}}},
        "Start": {
            **task,
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": arn},
        },
    }
    names = [*steps, "Done"]
    for name, then in zip(steps, names[1:], strict=True):
        steps[name]["Next"] = then
    flow = {"StartAt": "Get", "States": {**steps, "Done": {"Type": "Succeed"}}}
    execution = execute(flow, lambda _: TaskSucceeded({"Status": "SUCCEEDED"}), input='{"id": "A1"}')
    write(folder, {"all.json": json.dumps(history(execution))})
    assert main(["import", "all.json", "--output", "all/all.yaml"]) == 0
    said = capsys.readouterr().err
    text = (folder / "all/all.yaml").read_text()
    assert "{key: {id: S, at: N}}" in text
    assert "never_starts.asl.json" in text
    assert "not known: the key of the table name-" in said
    assert "# not known: the key of the table name-" in text
    assert main(["run", "all/all.yaml"]) == 0, capsys.readouterr()


def test_a_caught_error_has_its_name(folder, capsys):
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Sorry", "ResultPath": "$.why"}]
    count = {
        "Type": "Task",
        "Resource": "arn:aws:lambda:eu-west-1:333333333333:function:acme",
        "Catch": catch,
    }
    flow = {
        "StartAt": "Count",
        "States": {"Count": {**count, "End": True}, "Sorry": {"Type": "Succeed"}},
    }
    execution = execute(flow, lambda _: TaskFailed("Acme.Busy", "busy at acme"), input='{"id": "A1"}')
    write(folder, {"caught.json": json.dumps(history(execution))})
    assert main(["import", "caught.json", "--output", "caught/caught.yaml"]) == 0
    assert "with this definition differs" not in capsys.readouterr().err
    assert "acme" not in (folder / "caught/caught.yaml").read_text()
