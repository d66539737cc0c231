"""`harness import`: from a history to a file, or to a message that explains the failure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exported import described, execute, history
from minimal_project import PUBLISHES, PYPROJECT, write

from harness.cli import main
from harness.states import TaskFailed, TaskSucceeded

pytestmark = pytest.mark.usefixtures("kept_engines")

DEFINITION = {
    "StartAt": "Send",
    "States": {
        "Send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:111111111111:publish", "Message": "hello"},
            "End": True,
        }
    },
}
FAILED = execute(DEFINITION, lambda _: TaskFailed("Sns.Oops", "no"))
SUCCEEDED = execute(DEFINITION, lambda _: TaskSucceeded({"MessageId": "m"}))


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    files = {
        "pyproject.toml": PYPROJECT,
        "template.yaml": PUBLISHES,
        "failed.json": json.dumps(history(FAILED)),
        "succeeded.json": json.dumps(history(SUCCEEDED)),
        "flow.asl.json": json.dumps(DEFINITION),
    }
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys: Any, *arguments: str) -> str:
    assert main(["import", *arguments]) == 2
    return capsys.readouterr().err


def scenarios(project: Path) -> list[str]:
    return sorted(str(path.relative_to(project)) for path in project.rglob("scenarios/*"))


def test_from_a_history_to_a_scenario_that_plays_it(project, capsys):
    assert main(["import", "failed.json", "--machine", "Publish"]) == 0
    said = capsys.readouterr()
    assert said.out == (
        "scenarios/failed-sns-oops-send.yaml written: 1 execution, 6 events\n"
        "run it with: harness run scenarios/failed-sns-oops-send.yaml\n"
    )
    text = (project / "scenarios/failed-sns-oops-send.yaml").read_text()
    assert (
        text
        == """\
# yaml-language-server: $schema=schema.json
# Imported from a history of 6 events; event numbers refer to GetExecutionHistory.
# Values that do not affect decisions in the definition are replaced with others of the same size.
title: An execution fails with Sns.Oops in state Send, as on AWS
tasks:
  # event 5
  - {state: Send, error: Sns.Oops}
# event 1
run: {state_machine: Publish, input: {}}
expect:
  # event 6
  execution: {status: FAILED, error: Sns.Oops}
  path: [Send]
"""
    )
    assert main(["run", "scenarios/failed-sns-oops-send.yaml"]) == 0


def test_a_definition_alone_is_enough(project, capsys):
    (project / "pyproject.toml").unlink()
    (project / "template.yaml").unlink()
    assert main(["import", "succeeded.json", "--definition", "flow.asl.json", "--output", "a/b.yaml"]) == 0
    assert "stack: {definition: ../flow.asl.json}\n" in (project / "a/b.yaml").read_text()
    assert main(["run", "a/b.yaml"]) == 0, capsys.readouterr()


def test_a_file_that_is_there_is_not_overwritten(project, capsys):
    write(project, {"scenarios/mine.yaml": "title: Mine\n"})
    said = refused(capsys, "failed.json", "--machine", "Publish", "--output", "scenarios/mine.yaml")
    assert (
        "scenarios/mine.yaml already exists and is not overwritten; choose another file with --output" in said
    )
    assert (project / "scenarios/mine.yaml").read_text() == "title: Mine\n"


def test_a_history_that_cannot_be_read_leaves_no_file(project, capsys):
    whole = history(FAILED)["events"]
    bad = {
        "cut": {"events": whole[:3]},
        "odd": {"events": [*whole[:2], {**whole[2], "type": "Surprised"}, *whole[3:]]},
        "bare": {"events": [_without(event, "input", "parameters") for event in whole]},
    }
    said = {}
    for name, content in bad.items():
        (project / f"{name}.json").write_text(json.dumps(content))
        said[name] = refused(capsys, f"{name}.json", "--machine", "Publish")
    assert "event 3: unknown event type 'Surprised'" in said["odd"]
    assert "export it with execution data" in said["bare"]
    assert "cut.json" in said["cut"]
    assert scenarios(project) == []


def _without(event: dict[str, Any], *members: str) -> dict[str, Any]:
    return {
        key: {name: each for name, each in value.items() if name not in members}
        if isinstance(value, dict)
        else value
        for key, value in event.items()
    }


def test_a_history_backwards_is_the_same(project):
    backwards = {"events": history(FAILED)["events"][::-1]}
    (project / "back.json").write_text(json.dumps(backwards))
    for name in ("failed", "back"):
        assert main(["import", f"{name}.json", "--machine", "Publish", "--output", f"{name}.yaml"]) == 0
    assert (project / "failed.yaml").read_text() == (project / "back.yaml").read_text()


def test_what_cannot_be_written_leaves_nothing(project, capsys):
    (project / "scenarios").write_text("a file")
    said = refused(capsys, "failed.json", "--machine", "Publish")
    assert "cannot be written" in said
    assert "--output" in said


def test_executions_of_several_machines_are_refused(project, capsys):
    other = execute({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    both = json.dumps(history(other))
    (project / "other.json").write_text(both)
    about = {
        **described(other),
        "stateMachineArn": "arn:aws:states:eu-west-1:111111111111:stateMachine:Nothing-1",
    }
    (project / "other.describe.json").write_text(json.dumps(about))
    said = refused(capsys, "failed.json", "other.json")
    assert "import the executions of each state machine separately" in said
