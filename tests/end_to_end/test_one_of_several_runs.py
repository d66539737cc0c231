"""Faults, durations and stand-ins for one of several runs, and for its children, on the embedded engine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.engine.moto.engine import MotoEngine
from harness.expect import BUILT_IN
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.position import ScenarioError
from harness.session import Session
from harness.settings import Settings

TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: {Effect: Allow, Action: "*", Resource: "*"}}
  Topic: {Type: AWS::SNS::Topic}
  Inner:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Tell", "States": {
          "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"TopicArn": "${Topic}", "Message": "done"}, "Next": "Read"},
          "Read": {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution",
            "Parameters": {"QueryString": "SELECT 1"}, "End": true}}}
  Outer:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Begin", "States": {
          "Begin": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "${Inner}"}, "OutputPath": "$.Output", "End": true}}}
"""
HEAD = """\
title: One of several runs
run:
  - {name: first, state_machine: Outer}
  - {name: second, state_machine: Outer}
"""
ATHENA = "tasks: [{state: Read, result: {QueryExecutionId: a}}]\n"
EXPECT = """\
expect:
  execution: {status: SUCCEEDED}
"""


def played(tmp_path: Path, *texts: str, head: str = HEAD) -> list[Result]:
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    settings = Settings(root=tmp_path, template=template, stack_name="shop")
    with Session(MotoEngine()) as session:
        return [session.run(parse(head + text, BUILT_IN, tmp_path / "a.yaml"), settings) for text in texts]


def test_what_is_for_a_run_is_for_that_and_for_what_it_starts(tmp_path: Path) -> None:
    faults = "faults: [{task: sns:publish, run: second, error: InternalError}]\n"
    durations = (
        "durations: [{task: sns:publish, run: first, takes: 1 h}, {task: sns:publish, takes: 1 min}]\n"
    )
    answers = (
        "tasks: [{state: Read, run: second, result: {QueryExecutionId: b}}, {state: Read, result: "
        "{QueryExecutionId: a}}]\n"
    )
    failed, took, answered = played(
        tmp_path,
        f"{faults}{ATHENA}{EXPECT}  runs: {{second: {{execution: {{status: FAILED}}}}}}\n",
        f"{durations}{ATHENA}{EXPECT}",
        f"{answers}{EXPECT}",
    )
    for result in (failed, took, answered):
        assert (result.outcome, result.mismatches) == ("passed", ()), result.reason
        assert result.observation is not None
    assert took.observation is not None
    assert answered.observation is not None
    lasted = [
        run.execution.stopped_at - run.execution.started_at
        for run in took.observation.runs
        if run.execution.stopped_at
    ]
    assert [each.seconds // 60 for each in lasted] == [60, 1]
    outputs = [run.execution.output for run in answered.observation.runs]
    assert [output and '"a"' in output for output in outputs] == [True, False]


def test_a_stand_in_for_one_run_leaves_the_others_without_one(tmp_path: Path) -> None:
    answers = ATHENA.replace("state: Read,", "state: Read, run: second,")
    (result,) = played(tmp_path, f"{answers}{EXPECT}")
    assert (result.outcome, "run" in result.timings_s) == ("error", False)
    assert "template.yaml:13:1: state Read of Inner: " in result.reason
    assert "- state: Read  # athena:startQueryExecution" in result.reason


def test_a_reference_in_an_input_is_what_the_resource_is_called_after_the_deployment(tmp_path: Path) -> None:
    text = HEAD.replace("first,", "first, input: {topic: !Ref Topic, machines: [!Ref Inner]},", 1)
    (result,) = played(tmp_path, f"{ATHENA}{EXPECT}", head=text)
    assert (result.outcome, result.mismatches) == ("passed", ()), result.reason
    assert result.observation is not None
    given = json.loads(result.observation.runs[0].execution.input)
    assert re.fullmatch(r"arn:aws:sns:us-east-1:\d{12}:shop-Topic-\w+", given["topic"])
    assert re.fullmatch(r"arn:aws:states:us-east-1:\d{12}:stateMachine:shop-Inner-\w+", given["machines"][0])


def test_what_fits_no_task_of_its_run_is_a_mismatch_that_names_the_others(tmp_path: Path) -> None:
    own = "  - {name: alone, state_machine: Inner}\n"
    fault = "faults: [{task: sns:publish, run: alone, nth: 2, error: InternalError}]\n"
    duration = "durations: [{task: states:startExecution, run: alone, takes: 1 min}]\n"
    twice, other = played(tmp_path, f"{own}{fault}{ATHENA}{EXPECT}", f"{own}{duration}{ATHENA}{EXPECT}")
    (mismatch,) = twice.mismatches
    assert mismatch.summary == (
        "error InternalError of sns:publish in run alone never fired: it was started 1 time at most in "
        "one state of one execution, but this fault is for match number 2"
    )
    (mismatch,) = other.mismatches
    assert mismatch.summary == (
        "duration of 1 min of states:startExecution in run alone never matched: it was started 2 times, in "
        "run first (1 time) and second (1 time)"
    )


@pytest.mark.parametrize(
    "entry",
    [
        "faults: [{task: sns:publish, error: InternalError, run: thrid}]",
        "durations: [{task: sns:publish, takes: 1 s, run: thrid}]",
        "tasks: [{state: Read, result: {}, run: thrid}]",
        "calls: [{call: athena:StartQueryExecution, result: {}, run: thrid}]",
    ],
)
def test_a_run_that_is_not_there_is_refused_at_its_place(entry: str) -> None:
    with pytest.raises(ScenarioError) as error:
        parse(f"{HEAD}  - {{name: third}}\n{entry}\n{EXPECT}", BUILT_IN, Path("a.yaml"))
    (problem,) = error.value.problems
    assert str(problem) == (
        f"a.yaml:6:{entry.index('thrid') + 1}: unknown run 'thrid'; did you mean 'third'? "
        "runs: first, second, third"
    )
