"""A SAM template, a task token and stand-ins on LocalStack: its file of mocked responses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.engine.localstack.host import LocalStackHost
from harness.engine.localstack.mocks import mock_file
from harness.expect import BUILT_IN
from harness.needs import needs_of
from harness.scenario.load import parse
from harness.session import Session
from harness.settings import Settings
from harness.stepfunctions.stand_ins import Answer, StandIn

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Approve:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Policies: [{Statement: [{Effect: Allow, Action: "states:SendTaskSuccess", Resource: "*"}]}]
      InlineCode: |
        import json, boto3
        def handler(event, context):
            boto3.client("stepfunctions").send_task_success(
                taskToken=event["token"], output=json.dumps({"approved": True}))
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Policies: [{LambdaInvokePolicy: {FunctionName: !Ref Approve}}]
      DefinitionSubstitutions: {Approve: !Ref Approve}
      Definition:
        StartAt: Read
        States:
          Read:
            Type: Task
            Resource: arn:aws:states:::batch:submitJob.sync
            Parameters: {JobName: read, JobDefinition: reader, JobQueue: queue}
            Retry: [{ErrorEquals: [Batch.ServerException], IntervalSeconds: 1}]
            ResultSelector: {"status.$": $.Status}
            Next: Ask
          Ask:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke.waitForTaskToken
            Parameters: {FunctionName: "${Approve}", Payload: {"token.$": $$.Task.Token}}
            End: true
"""
SCENARIO = """\
title: A document is read at the second try, and approved
tasks:
  - state: Read
    results:
      - {error: Batch.ServerException, cause: Slow down}
      - result: {JobId: a, JobName: read, JobQueue: queue, JobDefinition: reader, Status: SUCCEEDED}
    validation: NONE
expect:
  execution: {status: SUCCEEDED, output: {approved: true}}
  path: [Read, Ask]
"""


def test_answers_are_numbered_by_attempts() -> None:
    stand_ins = [
        StandIn((Answer(error="A", times=2), Answer({"x": 1})), state="Read", last=3),
        StandIn((Answer([]),), state="Ask"),
    ]
    written = json.loads(mock_file(["flow"], stand_ins))
    assert written["StateMachines"] == {"flow": {"TestCases": {"stand-ins": {"Read": "Read", "Ask": "Ask"}}}}
    assert written["MockedResponses"] == {
        "Read": {"0-1": {"Throw": {"Error": "A", "Cause": ""}}, "2-2": {"Return": {"x": 1}}},
        "Ask": {"0-999": {"Return": []}},
    }


@pytest.mark.parametrize(
    ("entry", "needed"),
    [
        ("{state: Read, result: {}}", "MOCKS"),
        ("{state: Read, results: [{result: {}}]}", "MOCKS"),
        ("{resource: 'ecs:runTask', result: {}}", "STAND_INS"),
        ("{state: Read, result: {}, takes: 1 s}", "STAND_INS"),
        ("{state: Read, result: {}, nth: 2}", "STAND_INS"),
        ("{state: Read, result: {}, params: {a: 1}}", "STAND_INS"),
    ],
)
def test_what_the_file_can_say_needs_no_more(entry: str, needed: str) -> None:
    scenario = parse(f"title: t\ntasks: [{entry}]\nexpect: {{polls: 0}}", BUILT_IN, Path("a.yaml"))
    assert [need.name for need in needs_of(scenario) if need.name in ("MOCKS", "STAND_INS")] == [needed]


@pytest.mark.localstack
def test_a_sam_project_with_a_token_and_stand_ins_plays_on_localstack(tmp_path: Path) -> None:
    engine = LocalStackHost()
    found = engine.availability()
    if not found.usable:
        pytest.skip(f"LocalStack is {found.detail}; {found.remedy}")
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    settings = Settings(root=tmp_path, template=tmp_path / "template.yaml", stack_name="approvals")
    scenario = parse(SCENARIO, BUILT_IN, tmp_path / "a.yaml")
    wrong = parse(SCENARIO.replace("approved: true", "approved: false"), BUILT_IN, tmp_path / "a.yaml")
    with Session(engine) as session:
        result = session.run(scenario, settings)
        assert (result.outcome, result.mismatches) == ("passed", ()), result.reason
        (mismatch,) = session.run(wrong, settings).mismatches
    assert mismatch.expectation == "execution"
