"""A project in a folder: pyproject.toml, a template with one machine that succeeds immediately, scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PYPROJECT = '[tool.harness]\ntemplate = "template.yaml"\n'
TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'
"""
# Two machines. Publish sends a message; FORBIDDEN lacks the permission for it.
PUBLISHES = """\
Resources:
  Topic: {Type: "AWS::SNS::Topic"}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: publish
          PolicyDocument: {Statement: {Effect: Allow, Action: "sns:Publish", Resource: "*"}}
  Publish:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Send", "States": {"Send": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
         "Parameters": {"TopicArn": "${Topic}", "Message": "hello"}, "End": true}}}
  Nothing:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'
"""
FORBIDDEN = PUBLISHES.replace('"sns:Publish"', '"sns:GetTopicAttributes"')

# A project-defined expectation: the number of states that a run entered.
OWN = """\
from harness.expect import Count, PerRun

def compare(wanted, run, observation, entry):
    seen = len(run.execution.path)
    if seen not in wanted:
        yield entry.mismatch(f"expected {wanted}, seen {seen}")

EXPECTATIONS = (
    PerRun(key="states", wanted=Count, description="How many states were entered.", compare=compare),
)
"""


def scenario(title: str = "It succeeds", status: str = "SUCCEEDED", more: str = "") -> str:
    """The text of a scenario that expects a status. `more` is inserted before `expect`."""
    return f"title: {title}\n{more}expect:\n  execution: {{status: {status}}}\n"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files and their parent folders. Return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def project(folder: Path, **scenarios: str) -> Path:
    """Create a project in a folder, with a scenario for each keyword. Return the folder."""
    files = {f"scenarios/{name}.yaml": text for name, text in scenarios.items()}
    return write(folder, {"pyproject.toml": PYPROJECT, "template.yaml": TEMPLATE, **files})
