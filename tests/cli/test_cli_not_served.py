"""A scenario whose template declares resources that the embedded engine does not support."""

from __future__ import annotations

import json
from pathlib import Path

import minimal_project
import pytest
from minimal_project import scenario

from harness.cli import main
from harness.exit_codes import PASSED

pytestmark = pytest.mark.usefixtures("kept_engines")

UNSERVED = """\
Resources:
  Job:
    Type: AWS::Glue::Job
    Properties: {Role: nobody, Command: {Name: glueetl}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      {Namespace: AWS/Lambda, MetricName: Errors, Statistic: Sum, Period: 60, EvaluationPeriods: 1,
       ComparisonOperator: GreaterThanThreshold, Threshold: 1}
"""
TASK = """{"StartAt": "Tell", "States": {"Tell": {"Type": "Task",
         "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues",
         "Parameters": {"QueueNamePrefix": "${Job}"}, "End": true}}}"""


def result_of(folder: Path, template: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, str]]:
    """The exit code and the result for the only scenario in a project with this template."""
    minimal_project.project(folder, x=scenario("The case"))
    (folder / "template.yaml").write_text(template)
    monkeypatch.chdir(folder)
    code = main(["run", "--json", "r.json"])
    (result,) = json.loads((folder / "r.json").read_text())["results"]
    return code, result


def test_a_run_that_comes_to_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    template = minimal_project.TEMPLATE.replace("Resources:\n", UNSERVED)
    definition = """'{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'"""
    template = template.replace(definition, f"!Sub |\n        {TASK}")
    code, result = result_of(tmp_path, template, monkeypatch)
    said = "template.yaml:2:1: state Tell of Machine uses Job (AWS::Glue::Job), which is not served here"
    assert code != PASSED
    assert result["outcome"] == "error"
    assert said in result["reason"]
    assert said in capsys.readouterr().out


def test_a_run_that_does_not_use_it_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = minimal_project.TEMPLATE.replace("Resources:\n", UNSERVED)
    code, result = result_of(tmp_path, template, monkeypatch)
    assert (code, result["outcome"]) == (PASSED, "passed")
