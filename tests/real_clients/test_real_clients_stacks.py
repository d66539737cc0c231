"""`aws cloudformation deploy` against `harness up`: a stack is created, left alone, changed and deleted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

Shell = Callable[[str, Mapping[str, str]], str]
TEMPLATE = """
Parameters: {Delay: {Type: Number, Default: 5}}
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !Ref Delay}}
Outputs:
  Url: {Value: !Ref Queue}
  Delay: {Value: !Ref Delay}
"""


@pytest.fixture(scope="module")
def env() -> Iterator[dict[str, str]]:
    """The environment that the harness prints when everything is ready."""
    command = [sys.executable, "-m", "harness", "up", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as harness:
        assert harness.stdout is not None
        try:
            yield json.loads(harness.stdout.readline())["env"]
        finally:
            harness.send_signal(signal.SIGINT)
            harness.wait(20)


def test_deploy_makes_keeps_and_changes_a_stack(env: dict[str, str], shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    deploy = "aws cloudformation deploy --stack-name mine --template-file template.yaml"

    def stack() -> dict[str, Any]:
        shown = shell("aws cloudformation describe-stacks --stack-name mine --output json", env)
        (found,) = json.loads(shown)["Stacks"]
        return {**found, "Outputs": {o["OutputKey"]: o["OutputValue"] for o in found["Outputs"]}}

    assert "Successfully created/updated stack - mine" in shell(f"{deploy} --tags team=blue", env)
    made = stack()
    assert (made["StackStatus"], made["Outputs"]["Delay"]) == ("CREATE_COMPLETE", "5")
    assert made["Tags"] == [{"Key": "team", "Value": "blue"}]
    shell(f"{deploy} --no-fail-on-empty-changeset", env)
    assert stack() == made
    shell(f"{deploy} --parameter-overrides Delay=9", env)
    changed = stack()
    assert changed["StackStatus"] == "UPDATE_COMPLETE"
    assert changed["Outputs"] == {"Url": made["Outputs"]["Url"], "Delay": "9"}
    shell("aws cloudformation delete-stack --stack-name mine", env)
    listed = shell("aws cloudformation list-stacks --query StackSummaries[].StackStatus --output text", env)
    assert listed.split() == ["DELETE_COMPLETE"]
