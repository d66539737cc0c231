"""A project whose function runs for minutes, and a run of it in progress."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from minimal_project import PYPROJECT, write
from minimal_project import TEMPLATE as SUCCEEDS
from processes import alive, children, name_of, start

from harness.polling import PollTimeout, poll

TEMPLATE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: [lambda.amazonaws.com, states.amazonaws.com]}
            Action: sts:AssumeRole
  Sleep:
    Type: AWS::Lambda::Function
    Properties:
      {Code: src, Handler: app.handler, Runtime: python3.13, Timeout: 300, Role: !GetAtt Role.Arn}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Sleep", "States": {"Sleep": {"Type": "Task", "Resource": "${Sleep.Arn}", "End": true}}}
"""
SCENARIO = """\
title: A function works
run: {clock: real, timeout: 300 s}
expect: {execution: {status: SUCCEEDED}}
"""
FIRST = """\
title: Nothing is started that works
stack: {template: ../first.yaml}
expect: {execution: {status: SUCCEEDED}}
"""
APP = """\
import os
import time


def handler(event, context):
    MARK
    time.sleep(300)
"""
NAME = 'open("/proc/self/comm", "w").write("WORKS")'  # which is visible externally
ENDS = [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGHUP, 130), (signal.SIGKILL, -signal.SIGKILL)]


def write_project(folder: Path) -> Path:
    """Write a project whose function runs for minutes, as `works` detects. `tmp` has all temporary files."""
    files = {
        "pyproject.toml": PYPROJECT,
        "template.yaml": TEMPLATE,
        "first.yaml": SUCCEEDS,
        "src/app.py": APP.replace("MARK", NAME),
        "scenarios/works.yaml": SCENARIO,
    }
    (folder / "tmp").mkdir()
    return write(folder, files)


def works(pid: int) -> bool:
    """Return whether a function is running below a process."""
    return any(name_of(child) == "WORKS" for child in children(pid))


def begin(
    project: Path, engine: str, *more: str, works: Callable[[int], bool] = works
) -> subprocess.Popen[str]:
    """A run on this engine, once its function is running. `more` are further arguments."""
    run = start("run", "--engine", engine, *more, cwd=project, TMPDIR=str(project / "tmp"))

    def begun() -> bool:
        if run.poll() is not None:
            pytest.fail(f"ended with status {run.returncode}: {run.communicate()}")
        return works(run.pid)

    try:
        poll(begun, bool, what="the function", timeout_s=120)
    except PollTimeout:
        run.send_signal(signal.SIGINT)
        pytest.fail(f"the function does not work after 120 s: {run.communicate(timeout=60)}")
    return run


def nothing_stays(project: Path, started: set[int]) -> None:
    """Check that no process and no file is left."""
    poll(lambda: alive(started), lambda left: not left, what="end of all processes", timeout_s=20)
    poll(
        lambda: list((project / "tmp").iterdir()),
        lambda left: not left,
        what="end of all files",
        timeout_s=20,
    )
