"""A project with a function that can be paused, and a terminal with scripted input."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minimal_project import PYPROJECT, write

HARNESS = (sys.executable, "-m", "harness")
LONGEST_S = 120.0
TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          {Effect: Allow, Principal: {Service: [lambda.amazonaws.com, states.amazonaws.com]},
           Action: "sts:AssumeRole"}
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: {Effect: Allow, Action: ["lambda:*", "logs:*", "s3:*"], Resource: "*"}}
  Add:
    Type: AWS::Lambda::Function
    Properties: {Code: src, Handler: app.handler, Runtime: python3.13, Timeout: 5, Role: !GetAtt Role.Arn}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Sum", "States": {
          "Sum": {"Type": "Task", "Resource": "${Add.Arn}", "Next": "Pause"},
          "Pause": {"Type": "Wait", "Seconds": 30, "Next": "Done"},
          "Done": {"Type": "Succeed"}}}
"""
APP = """\
import time

def handler(event, context):
    print("begins", time.time())
    time.sleep(1)
    if event["stop"]:
        breakpoint()
    return {"sum": 3, "left": context.get_remaining_time_in_millis()}
"""


def project(folder: Path, *, stop: bool) -> Path:
    scenario = f"title: It adds\nrun: {{input: {{stop: {str(stop).lower()}}}}}\n"
    scenario += "expect: {execution: {status: SUCCEEDED}}\n"
    files = {"pyproject.toml": f"{PYPROJECT}lint = false\n", "template.yaml": TEMPLATE, "src/app.py": APP}
    return write(folder, {**files, "scenarios/one.yaml": scenario})


def typed(folder: Path, command: Sequence[str], lines: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Run a command at a terminal. Each line is typed when its prompt appears.

    Ctrl-C is typed again if nothing follows: readline misses it between showing the prompt and reading.
    """
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - it becomes the command
        os.chdir(folder)
        os.execvp(command[0], command)
    seen, at, left, line = "", 0, list(lines), ""
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1 if line == "\x03" else LONGEST_S)[0]:
            if line != "\x03":
                break
            os.write(terminal, line.encode())
            continue
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:  # it has exited
            break
        if not data:
            break
        seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", data.decode(errors="replace"))
        while left and left[0][0] in seen[at:]:
            prompt, line = left.pop(0)
            at = seen.index(prompt, at) + len(prompt)
            os.write(terminal, line.encode())
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert not left, seen
    return os.waitstatus_to_exitcode(status), seen


def facts(file: Path) -> Any:
    """A report without its separate part on real time."""
    report = json.loads(file.read_text())
    assert report.pop("real_time")
    return report
