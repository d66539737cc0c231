"""`harness run` and `harness replay` at a terminal where somebody debugs."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from minimal_project import PYPROJECT, write

from harness.cli.arguments import parse
from harness.cli.debugging import debugging_of
from harness.projects import Projects
from harness.settings import SettingsError

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


def typed(folder: Path, arguments: Sequence[str], lines: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Run a command at a terminal; each line is typed when its prompt is there."""
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - it becomes the command
        os.chdir(folder)
        os.execvp(HARNESS[0], [*HARNESS, *arguments])
    seen, at, left = "", 0, list(lines)
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end and select.select([terminal], [], [], LONGEST_S)[0]:
        try:
            data = os.read(terminal, 1 << 16)
        except OSError:  # it has ended
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
    """A report without the real time that it took, which is a part of its own."""
    report = json.loads(file.read_text())
    assert report.pop("real_time")
    return report


def test_verdict_and_report_are_the_same_with_stops_and_without(tmp_path: Path) -> None:
    folder = project(tmp_path / "project", stop=False)
    stops = ["--break", "Add", "--break", "Pause", "--json", "with.json"]
    code, shown = typed(
        folder,
        ["run", "scenarios/one.yaml", *stops],
        [
            ("app.py:4) ", "p event\n"),
            ("app.py:4) ", "n\n"),
            ("app.py:5) ", "\x03"),
            ("app.py:5) ", "c\n"),
            ("(Pause) ", "h\n"),
            ("(Pause) ", "s\n"),
            ("(Done) ", "c\n"),
        ],
    )
    assert code == 0, shown
    assert "{'stop': False}" in shown
    assert "--KeyboardInterrupt--" in shown
    assert "> before the Wait state Pause, execution run-1" in shown
    assert "1 passed" in shown
    plain = [*HARNESS, "run", "scenarios/one.yaml", "--json", "without.json"]
    subprocess.run(plain, cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    assert facts(folder / "with.json") == facts(folder / "without.json")


def test_to_quit_at_a_breakpoint_ends_the_run_in_order(tmp_path: Path) -> None:
    folder = project(tmp_path / "project", stop=True)
    code, shown = typed(folder, ["run", "scenarios/one.yaml"], [("app.py:", "q\n")])
    assert code == 130, shown
    assert "Not run, as this run was cut short" in shown


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("-n", "2"), "one is asked at a time, and -n 2 plays several"),
        (("--cov",), "--cov counts lines with the tracer that a debugger needs"),
    ],
)
def test_breaks_do_not_go_with_other_options(
    more: Sequence[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(["run", "--break", "Add", *more])
    assert f"--break Add: {said}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("moto", "there is no terminal where somebody could be asked"),
        ("ministack", "ministack does not run functions and state machines"),
    ],
)
def test_breaks_are_refused_where_nobody_could_be_asked(
    engine: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(SettingsError, match=f"--break Add: {said}"):
        debugging_of(["Add"], engine, (), Projects({}, {}).of)


def test_without_a_terminal_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert debugging_of([], "moto", (), Projects({}, {}).of) is None
