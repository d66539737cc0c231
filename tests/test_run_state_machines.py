"""Scenarios whose runs start two state machines of one template, on the embedded engine."""

from __future__ import annotations

from pathlib import Path

from harness.engine.moto.engine import MotoEngine
from harness.expect import BUILT_IN
from harness.report.model import Result
from harness.scenario.load import parse
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
        - PolicyName: publish
          PolicyDocument: {Statement: {Effect: Allow, Action: "sns:Publish", Resource: !Ref Topic}}
  Topic: {Type: AWS::SNS::Topic}
  Order:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: '{"StartAt": "Ordered", "States": {"Ordered": {"Type": "Succeed"}}}'
  Refund:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Tell", "States": {"Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
         "Parameters": {"TopicArn": "${Topic}", "Message.$": "$.order"}, "End": true}}}
"""
SCENARIO = """\
title: An order is paid back
run:
  - {name: order, state_machine: Order}
  - {name: refund, state_machine: Refund, input: {order: A1}}
expect:
  execution: {status: SUCCEEDED}
  path: [Ordered]
  messages: [{body: A1}]
  machines: {left: []}
  runs: {refund: {path: [%s]}}
"""


def played(tmp_path: Path, *states: str) -> list[Result]:
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    settings = Settings(root=tmp_path, template=template, stack_name="shop")
    with Session(MotoEngine()) as session:
        path = tmp_path / "refund.yaml"
        return [session.run(parse(SCENARIO % state, BUILT_IN, path), settings) for state in states]


def test_each_run_starts_its_own_machine_and_is_judged_by_it(tmp_path: Path) -> None:
    right, wrong = played(tmp_path, "Tell", "Ordered")
    assert (right.outcome, right.mismatches) == ("passed", ()), right.reason
    assert right.observation is not None
    order, refund = (run.execution.machine_name for run in right.observation.runs)
    assert order.startswith("shop-Order-")
    assert refund.startswith("shop-Refund-")
    (mismatch,) = wrong.mismatches
    assert mismatch.summary == "run refund: state 1: expected Ordered, seen Tell"


def test_without_a_choice_nothing_is_deployed(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    scenario = parse("title: t\nexpect: {messages: []}\n", BUILT_IN, tmp_path / "a.yaml")
    with Session(MotoEngine()) as session:
        result = session.run(scenario, Settings(root=tmp_path, template=template))
    assert (result.outcome, "deploy" in result.timings_s) == ("error", False)
    assert "the template declares 2 state machines" in result.reason
