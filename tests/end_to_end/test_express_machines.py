"""A project with an Express machine in a SAM template: run directly, and started by a different machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import minimal_project

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Logs: {Type: "AWS::Logs::LogGroup"}
  Price:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS
      Policies:
        - Statement:
            Effect: Allow
            Action:
              - logs:CreateLogDelivery
              - logs:DeleteLogDelivery
              - logs:DescribeLogGroups
              - logs:DescribeResourcePolicies
              - logs:GetLogDelivery
              - logs:ListLogDeliveries
              - logs:PutResourcePolicy
              - logs:UpdateLogDelivery
            Resource: "*"
      Logging:
        Level: ALL
        Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Logs.Arn}}]
      Definition:
        StartAt: Known
        States:
          Known:
            Type: Choice
            Choices: [{Variable: $.sku, StringEquals: lamp, Next: Priced}]
            Default: Unknown
          Priced: {Type: Pass, Result: {cents: 4200}, End: true}
          Unknown: {Type: Fail, Error: NoPrice}
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Policies:
        - Statement: {Effect: Allow, Action: "states:StartSyncExecution", Resource: !Ref Price}
      Definition:
        StartAt: Ask
        States:
          Ask:
            Type: Task
            Resource: arn:aws:states:::aws-sdk:sfn:startSyncExecution
            Parameters: {StateMachineArn: !Ref Price, Input.$: $}
            OutputPath: $.Status
            End: true
"""
SCENARIOS = {
    "priced": """\
title: The price of a lamp is known
run: {state_machine: Price, input: {sku: lamp}}
expect:
  execution: {status: SUCCEEDED, output: {cents: 4200}}
  path: [Known, Priced]
""",
    "unknown": """\
title: An order asks for a price that there is not
run: {state_machine: Order, input: {sku: sofa}}
expect:
  execution: {status: SUCCEEDED, output: FAILED}
  path: [Ask]
""",
}


def test_runs_of_an_express_machine_are_judged_like_others(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(minimal_project.PYPROJECT)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "scenarios").mkdir()
    for name, text in SCENARIOS.items():
        (tmp_path / "scenarios" / f"{name}.yaml").write_text(text)
    command = [sys.executable, "-m", "harness", "run", "--coverage", "-v"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Price (template.yaml): 6 of 6" in done.stdout
    assert "not served here" not in done.stdout
