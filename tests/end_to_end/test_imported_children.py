"""Two machines in one template, one of which starts the other: both histories become one scenario."""

from __future__ import annotations

from pathlib import Path

import pytest
from exported_runs import MotoEngine, Session, export
from minimal_project import PYPROJECT, write

from harness.cli import main
from harness.expect import BUILT_IN
from harness.projects import Projects
from harness.scenario.load import parse

TEMPLATE = """\
Resources:
  Topic: {Type: "AWS::SNS::Topic"}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement: {Effect: Allow, Action: ["sns:*", "states:*", "events:*"], Resource: "*"}
  Sending:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Send", "States": {"Send": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
         "Parameters": {"TopicArn": "${Topic}", "Message.$": "$.text"},
         "Retry": [{"ErrorEquals": ["Sns.Busy"], "IntervalSeconds": 5}], "End": true}}}
  Asking:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Ask", "States": {"Ask": {"Type": "Task",
         "Resource": "arn:aws:states:::states:startExecution.sync:2",
         "Parameters": {"StateMachineArn": "${Sending}", "Input": {"text.$": "$.text"}}, "End": true}}}
"""
SCENARIO = """\
title: A message is sent
tasks:
  - {state: Send, results: [{error: Sns.Busy, times: 2}, {error: Sns.Gone}]}
run: {state_machine: Asking, input: {text: from acme}}
expect:
  execution: {status: FAILED}
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    write(tmp_path, {"pyproject.toml": PYPROJECT, "template.yaml": TEMPLATE, "first.yaml": SCENARIO})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_failure_of_the_machine_that_was_started_is_in_the_scenario(project, capsys):
    settings = Projects({}).of(project)
    with Session(MotoEngine()) as session:
        before = session.run(parse(SCENARIO, BUILT_IN, project / "first.yaml"), settings)
        assert before.observation is not None
        paths = export(before.observation, project)
        assert len(paths) == 2
        assert main(["import", *map(str, reversed(paths)), "--output", "again.yaml"]) == 0
        text = (project / "again.yaml").read_text()
        assert "run: {state_machine: Asking, input: {text: aaaa aaaa}}" in text
        assert "state: Send" in text
        assert "state: Ask" not in text  # it runs for real
        assert "acme" not in text
        after = session.run(parse(text, BUILT_IN, project / "again.yaml"), settings)
    assert after.mismatches == ()
    assert after.observation is not None
    (one,), (other,) = before.observation.runs, after.observation.runs
    assert [each.type for each in other.execution.events] == [each.type for each in one.execution.events]
    (child,), (again) = one.children, other.children
    assert [each.type for each in again[0].events] == [each.type for each in child.events]


def test_with_stand_ins_alone_nothing_is_started(project, capsys):
    settings = Projects({}).of(project)
    with Session(MotoEngine()) as session:
        seen = session.run(parse(SCENARIO, BUILT_IN, project / "first.yaml"), settings).observation
    assert seen is not None
    paths = export(seen, project)
    assert main(["import", *map(str, paths), "--stubbed", "--output", "again.yaml"]) == 2
    said = capsys.readouterr().err
    assert "but a stand-in answers the task that started it: --stubbed; import it separately" in said
    assert not (project / "again.yaml").exists()
