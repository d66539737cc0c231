"""Running definitions without a template: resources they name exist; findings point at their lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from minimal_project import write

from harness.expect import BUILT_IN
from harness.pytest_plugin import harness_session
from harness.report.model import Result
from harness.scenario.load import parse
from harness.settings_reading import load_settings

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
ECHO = """\
import os

def lambda_handler(event, context):
    if event == "fail":
        raise ValueError("no")
    return {"arn": context.invoked_function_arn, "version": context.function_version, **os.environ}
"""
CHILD = """\
StartAt: Done
States:
  Done: {Type: Pass, Result: {child: true}, End: true}
"""


def play(
    request: pytest.FixtureRequest, folder: Path, flow: str, stack: str, expect: str, run: str = "{}"
) -> Result:
    write(folder, {"flow.asl.yaml": flow, "echo/lambda_function.py": ECHO, "child.yml": CHILD})
    text = f"title: t\nstack: {{definition: flow.asl.yaml, {stack}}}\nrun: {run}\nexpect: {expect}\n"
    scenario = parse(text, BUILT_IN, folder / "s.yaml")
    return harness_session(request.config).run(scenario, load_settings(folder, {}))


def passed(result: Result) -> None:
    assert (result.outcome, result.reason) == ("passed", ""), [str(each) for each in result.mismatches]


def test_versions_and_aliases(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    flow = f"""
StartAt: Latest
States:
  Latest: {{Type: Task, Resource: "{ARN}echo", ResultPath: $.latest, Next: Alias}}
  Alias: {{Type: Task, Resource: "{ARN}echo:prod", ResultPath: $.alias, Next: Version}}
  Version:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Parameters: {{FunctionName: echo, Qualifier: "1"}}
    ResultSelector: {{version.$: $.Payload.version}}
    ResultPath: $.number
    Next: Check
  Check:
    Type: Choice
    Choices:
      - And:
          - {{Variable: $.latest.version, StringEquals: $LATEST}}
          - {{Variable: $.alias.version, StringEquals: "1"}}
          - {{Variable: $.alias.arn, StringMatches: "*:function:echo:prod"}}
          - {{Variable: $.number.version, StringEquals: "1"}}
        Next: Done
    Default: Wrong
  Done: {{Type: Succeed}}
  Wrong: {{Type: Fail, Error: Wrong}}
"""
    passed(play(request, tmp_path, flow, "functions: {echo: echo}", "{execution: {status: SUCCEEDED}}"))


def test_a_child_a_topic_a_queue_and_a_table(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    flow = """
StartAt: Child
States:
  Child:
    Type: Task
    Resource: arn:aws:states:::states:startExecution.sync:2
    Parameters: {StateMachineArn: "arn:aws:states:REGION:ACCOUNT_ID:stateMachine:my-child", Input: {}}
    ResultPath: null
    Next: Put
  Put:
    Type: Task
    Resource: arn:aws:states:::dynamodb:putItem
    Parameters: {TableName: my-table, Item: {id: {S: "1"}}}
    ResultPath: null
    Next: Send
  Send:
    Type: Task
    Resource: arn:aws:states:::sqs:sendMessage
    Parameters:
      QueueUrl: https://sqs.us-west-2.amazonaws.com/1/my-jobs.fifo
      MessageBody: m
      MessageGroupId: g
      MessageDeduplicationId: d
    ResultPath: null
    Next: Publish
  Publish:
    Type: Task
    Resource: arn:aws:states:::sns:publish
    Parameters: {TopicArn: "${NewsTopicArn}", Message: hello}
    End: true
"""
    stack = "machines: {my-child: child.yml}, tables: {my-table: {key: {id: S}}}"
    expect = (
        "{execution: {status: SUCCEEDED}, items: {my-table: {exact: [{id: '1'}]}}, "
        "messages: [{topic: News, body: hello}], machines: {left: []}}"
    )
    passed(play(request, tmp_path, flow, stack, expect))
    alone = "{execution: {status: SUCCEEDED}, path: [Done]}"
    passed(play(request, tmp_path, flow, stack, alone, "{state_machine: my-child}"))


def test_a_function_runs_with_what_is_given_on_the_python_that_is_here(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    flow = (
        f'StartAt: A\nStates:\n  A: {{Type: Task, Resource: "{ARN}echo", OutputPath: $.COLOUR, End: true}}\n'
    )
    stack = "functions: {echo: {code: echo, environment: {COLOUR: blue}, memory: 256}}"
    result = play(request, tmp_path, flow, stack, "{execution: {status: SUCCEEDED}}")
    passed(result)
    assert result.observation is not None
    (invocation,) = result.observation.invocations
    assert '"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256"' in invocation.result
    (note,) = result.notes  # no notes about a runtime
    assert (note.heading, note.subject) == ("template", "permissions")


def test_traces_name_the_files_of_the_project(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    flow = f'StartAt: A\nStates:\n  A: {{Type: Task, Resource: "{ARN}echo", End: true}}\n'
    expect = "{execution: {status: FAILED, error: ValueError}}"
    result = play(request, tmp_path, flow, "functions: {echo: echo}", expect, '{input: "fail"}')
    passed(result)
    assert result.observation is not None
    (invocation,) = result.observation.invocations
    assert invocation.error is not None
    assert any(str(tmp_path / "echo" / "lambda_function.py") in line for line in invocation.error.stack_trace)


def test_what_is_not_served_is_refused_at_its_line_in_the_definition(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    flow = """
StartAt: Outer
States:
  Outer:
    Type: Parallel
    Branches:
      - StartAt: Job
        States:
          Job:
            Type: Task
            Resource: arn:aws:states:::glue:startJobRun
            Parameters: {JobName: nightly}
            End: true
    End: true
"""
    result = play(request, tmp_path, flow, "functions: {echo: echo}", "{execution: {status: SUCCEEDED}}")
    assert result.outcome == "error"
    assert result.reason.startswith(f"{tmp_path / 'flow.asl.yaml'}:9:1: state Job of flow: ")
