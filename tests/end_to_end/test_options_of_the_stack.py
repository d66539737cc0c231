"""The report's template with its optional parameters, and with the longest stack name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.expect.project import expectations_of
from harness.permissions.usage import Usage
from harness.pytest_plugin import harness_session, harness_settings
from harness.report.model import Result
from harness.scenario.load import load
from harness.stack.template import read_template

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "lambdas" / "template.yaml"
ONE_BUCKET = """\
title: One bucket, with parameters
stack: {{parameters: {parameters}}}
seed: {{buckets: {{photos: {{objects: [{{key: cat.jpg, size: 2 MiB}}]}}}}}}
run: {run}
expect:
  execution: {{status: SUCCEEDED}}
  messages:
    - {{count: {messages}, subject: {{contains: "1 bucket, 1 object"}}}}
  machines: {{left: []}}
"""
ONCE = [{"input": {}}]
KEY = """\
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
          Action: kms:*
          Resource: "*"

Outputs:
"""
Play = Callable[..., Result]


@pytest.fixture
def play(tmp_path: Path, request: pytest.FixtureRequest) -> Play:
    """A function that runs the report on one bucket with parameters, and returns the result."""
    session = harness_session(request.config)
    own = harness_settings(request.config, request.path)

    def run(parameters: dict[str, Any], runs: Any = ONCE, messages: int = 1, **changed: Any) -> Result:
        settings = replace(own, **{"template": TEMPLATE, **changed})
        path = tmp_path / "one-bucket.yaml"
        path.write_text(ONE_BUCKET.format(parameters=parameters, run=runs, messages=messages))
        (scenario,) = load([path], expectations_of(settings))
        result = session.run(scenario, settings)
        assert result.outcome == "passed", result.reason or result.mismatches
        return result

    return run


def roles() -> dict[str, Any]:
    resources = read_template(TEMPLATE)["Resources"]
    return {name: r["Properties"] for name, r in resources.items() if r["Type"] == "AWS::IAM::Role"}


def test_nothing_is_there_before_a_parameter_says_so() -> None:
    resources = read_template(TEMPLATE)["Resources"]
    assert {name: r["Condition"] for name, r in resources.items() if "Condition" in r} == {
        "EmailSubscription": "NotifiesByEmail",
        "ScheduleRule": "IsScheduled",
        "ScheduleRole": "IsScheduled",
        "FailureAlarm": "HasAlarm",
        "TopicKeyPolicy": "UsesKey",
        "TableKeyPolicy": "UsesKey",
        "MachineLogs": "LogsMachines",
        "MachineLogsPolicy": "LogsMachines",
        "MachineTracesPolicy": "TracesMachines",
    }


def test_a_stack_with_the_longest_name_works(play: Play) -> None:
    play({}, stack_name="s" * 128)


def test_a_schedule_starts_runs_of_its_own(play: Play) -> None:
    # It is scheduled after two minutes, when nothing is running. The second run lets the time pass.
    result = play({"Schedule": "rate(2 minutes)"}, [{"input": {}}, {"at": "160 s"}], messages=3)
    assert not any("ScheduleRule" in note for note in map(str, result.notes))


def test_an_alarm_hears_of_runs_that_failed(play: Play) -> None:
    result = play({"FailureAlarmTopicArn": "ReportTopic"})
    assert any("FailureAlarm" in note for note in map(str, result.notes))  # it is not supported here


def test_a_permissions_boundary_bounds_every_role(play: Play) -> None:
    bound = {"Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]}
    assert [name for name, role in roles().items() if role.get("PermissionsBoundary") != bound] == []
    play({"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/AdministratorAccess"})


def test_with_a_key_every_role_may_use_what_it_needs_of_it_and_no_more(play: Play, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "lambdas", tmp_path / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    template = tmp_path / "lambdas" / "template.yaml"
    text = (
        template.read_text().replace("!Ref KmsKeyArn", "!GetAtt Key.Arn").replace("\nOutputs:\n", "\n" + KEY)
    )
    template.write_text(text.replace('[!Equals [!GetAtt Key.Arn, ""]]', '[!Equals [!Ref KmsKeyArn, ""]]'))
    result = play({"KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/of-the-stack"}, template=template)
    assert result.observation is not None
    usage = Usage()
    usage.add(result.observation)
    of_key = [use for use in usage.statements if any("kms:" in action for action in use.actions)]
    assert sorted({use.role for use in of_key}) == [
        "CreateMessageRole",
        "CreateStateMachineRole",
        "ListObjectsRole",
        "OrchestratorRole",
        "PutDynamoDBRole",
        "ReportRole",
    ]
    unused = {use.role for use in of_key if any(use.unused)}
    # Failures are published, and the table contains more than rows, if there is more than one small bucket.
    assert unused == {"OrchestratorRole", "CreateStateMachineRole", "ListObjectsRole"}
