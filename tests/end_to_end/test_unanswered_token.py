"""A scenario whose execution waits for a task token that is never returned."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import minimal_project

ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "${Queue}", "MessageBody.$": "$$.Task.Token"},
    "End": True,
}


def test_it_is_an_error_at_once_that_says_so(tmp_path: Path) -> None:
    template = minimal_project.TEMPLATE.replace('{"Type": "Succeed"}', json.dumps(ASK))
    template = template.replace("DefinitionString:", "DefinitionString: !Sub")
    template = template.replace("Resources:\n", 'Resources:\n  Queue: {Type: "AWS::SQS::Queue"}\n')
    scenario = "title: a token\nrun: {timeout: 50 min}\nexpect: {execution: {status: SUCCEEDED}}\n"
    (tmp_path / "pyproject.toml").write_text(minimal_project.PYPROJECT)
    (tmp_path / "template.yaml").write_text(template)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a.yaml").write_text(scenario)
    command = [sys.executable, "-m", "harness", "run"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "run run-1 can never end: it waits for the task token of Done, and nothing is left" in done.stdout
