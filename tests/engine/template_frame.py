"""YAML templates for the engine tests: a role, a function called by a machine, and additions from a test."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract import Lab, output_of

from harness.stack.deploy import deploy
from harness.stack.model import Stack

ROLE = """\
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: [states.amazonaws.com, lambda.amazonaws.com]}
            Action: "sts:AssumeRole"
"""
MACHINE = """\
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}
      DefinitionString: '{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"${Fn}","End":true}}}'
"""
ENVIRONMENT = "import os\ndef handler(event, context):\n    return {k: os.environ[k] for k in KEYS}\n"


def function(code: str = "./fn", more: str = "") -> str:
    """The YAML for the resource `Fn`. `more` is added to its properties."""
    head = "  Fn:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.12\n"
    rest = f"      Handler: app.handler\n      Role: !GetAtt Role.Arn\n      Code: {code}\n"
    return head + rest + textwrap.indent(more, " " * 6)


def variables(text: str) -> str:
    """The environment property of a function: `variables("{A: true}")`."""
    return f"Environment:\n  Variables: {text}\n"


def asking(*keys: str) -> dict[str, str]:
    """The code of a function that returns its environment variables."""
    return {"fn/app.py": f"KEYS = {keys!r}\n{ENVIRONMENT}"}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder, and return the path of its template."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "template.yaml"


def deployed(lab: Lab, template: str, files: Mapping[str, str] | None = None, **parameters: str) -> Stack:
    """Deploy a template, with files next to it."""
    number = next(lab.numbers)
    path = write(lab.folder / f"frame-{number}", {"template.yaml": template, **(files or {})})
    return deploy(lab.clients, path, f"frame-{number}", parameters)


def answered(lab: Lab, template: str, files: Mapping[str, str] | None = None, **parameters: str) -> Any:
    """The output of the machine in a template."""
    return output_of(lab.execute(deployed(lab, template, files, **parameters).state_machine()))
