"""`harness up`, with the AWS CLI, awslocal and boto3 in a second terminal, using its output."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BOTO3 = """
import boto3, json
machines = boto3.client("stepfunctions").list_state_machines()["stateMachines"]
print(json.dumps([m["stateMachineArn"] for m in machines]))
"""


@pytest.fixture(scope="module")
def up() -> Iterator[dict[str, Any]]:
    """Output of the harness when everything is ready."""
    command = [sys.executable, "-m", "harness", "up", "scenarios/two-buckets.yaml", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as harness:
        assert harness.stdout is not None
        try:
            yield json.loads(harness.stdout.readline())
        finally:
            harness.send_signal(signal.SIGINT)
            harness.wait(20)


@pytest.mark.parametrize("client", ["aws", "awslocal"])
def test_a_command_line_sees_starts_and_reads(
    up: dict[str, Any], shell: Callable[[str, Mapping[str, str]], str], client: str
) -> None:
    def ask(arguments: str) -> Any:
        return json.loads(shell(f"{client} {arguments} --output json", up["env"]))

    orchestrator = up["outputs"]["OrchestratorArn"]
    machines = ask("stepfunctions list-state-machines")["stateMachines"]
    # The others belong to runs started here by a different test.
    assert orchestrator in [m["stateMachineArn"] for m in machines]
    assert [b["Name"] for b in ask("s3api list-buckets")["Buckets"]] == ["attic", "photos"]
    assert "notes.txt" in shell(f"{client} s3 ls s3://photos", up["env"])
    arn = ask(f"stepfunctions start-execution --state-machine-arn {orchestrator}")["executionArn"]
    assert ask(f"stepfunctions describe-execution --execution-arn {arn}")["status"] in (
        "RUNNING",
        "SUCCEEDED",
    )


def test_plain_boto3_needs_nothing_but_the_environment(
    up: dict[str, Any], shell: Callable[[str, Mapping[str, str]], str], tmp_path: Path
) -> None:
    (tmp_path / "ask.py").write_text(BOTO3)
    machines = json.loads(shell("python ask.py", up["env"]))
    assert up["outputs"]["OrchestratorArn"] in machines
