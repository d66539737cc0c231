"""Fixtures for the contract tests: an engine, its clients, and short helpers to create resources on it."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.execute import Start, run
from harness.observe.executions import read
from harness.observe.model import Execution
from harness.stack.deploy import deploy
from harness.stack.model import Stack

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass
class Lab:
    """One engine, and the resources that a test creates on it."""

    engine: Engine
    clients: Clients
    folder: Path
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def needs(self, capability: Capability) -> None:
        """Skip the test on an engine that does not declare the capability."""
        if capability not in self.engine.capabilities:
            pytest.skip(f"{self.engine.name} cannot {capability}")

    @property
    def role_arn(self) -> str:
        """A role that Lambda and Step Functions can assume, created at its first use."""
        try:
            role = self.clients.iam.get_role(RoleName="contract")
        except self.clients.iam.exceptions.NoSuchEntityException:
            role = self.clients.iam.create_role(
                RoleName="contract", AssumeRolePolicyDocument=json.dumps(TRUST)
            )
        return role["Role"]["Arn"]

    def deploy(self, template: dict[str, Any], files: dict[str, str], **parameters: str) -> Stack:
        """Deploy a template with the files that it names."""
        number = next(self.numbers)
        folder = self.folder / f"template-{number}"
        for name, text in {"template.json": json.dumps(template), **files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return deploy(self.clients, folder / "template.json", f"contract-{number}", parameters)

    def machine(self, states: dict[str, Any], **fields: Any) -> str:
        """Create a state machine that starts at the first of the states, and return its ARN."""
        definition = {"StartAt": next(iter(states)), "States": states, **fields}
        return self.clients.stepfunctions.create_state_machine(
            name=f"machine-{next(self.numbers)}", definition=json.dumps(definition), roleArn=self.role_arn
        )["stateMachineArn"]

    def execute(self, machine_arn: str, input: Any = None, name: str = "run-1") -> Execution:
        """Start an execution, wait for its end, and return it with its history."""
        start = Start(name, machine_arn, {} if input is None else input, timeout_s=30)
        (started,) = run(self.engine, self.clients, [start])
        assert started.ended, f"{machine_arn} did not end"
        return read(self.clients.stepfunctions, started.execution_arn)

    def play(self, states: dict[str, Any], input: Any = None, **fields: Any) -> Execution:
        """Create a state machine and run it once."""
        return self.execute(self.machine(states, **fields), input)


def output_of(execution: Execution) -> Any:
    """The output of an execution that must succeed."""
    assert execution.status == "SUCCEEDED", (execution.status, execution.error, execution.cause)
    assert execution.output is not None
    return json.loads(execution.output)


def function(handler: str, **properties: Any) -> dict[str, Any]:
    """A function in a template, with its code in `src/` and the role `Role`."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": "src",
            "Handler": handler,
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            **properties,
        },
    }


def role(**properties: Any) -> dict[str, Any]:
    """A role in a template."""
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **properties}}
