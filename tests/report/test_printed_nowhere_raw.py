"""No command prints control characters from a title, a path, a key, an error message or a function's log."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import minimal_project
import pytest
from minimal_project import write

from harness.printable import one_line, printable, printable_json

EVIL = "\x1b]0;owned\x07\x1b[2J\r\x9b31m\u202egnp\u2066\u2028"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
ROOT = Path(__file__).parents[2]
FILE = f"scenarios/{EVIL}.yaml"
FUNCTION = f"""\
def handler(event, context):
    print({EVIL!r})
    raise ValueError({EVIL!r})
"""
RESOURCES = """\
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: ./fn
  Calls:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}
      DefinitionString: '{"StartAt": "A", "States":
        {"A": {"Type": "Task", "Resource": "${Fn}", "End": true}}}'
"""
SCENARIO = f"""\
title: {json.dumps(EVIL)}
seed: {{buckets: {{photos: {{objects: [{{key: {json.dumps(EVIL)}, size: 1}}]}}}}}}
run: {{state_machine: MACHINE}}
expect:
  execution: {{status: SUCCEEDED, output: {json.dumps(EVIL)}}}
  logs: {{Fn: {{contains: {json.dumps(EVIL)}}}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which every string is malicious."""
    template = minimal_project.TEMPLATE.replace(
        "states.amazonaws.com", "[states.amazonaws.com, lambda.amazonaws.com]"
    )
    files = {
        "pyproject.toml": minimal_project.PYPROJECT + "lint = false\n",
        "template.yaml": template + RESOURCES,
        "fn/index.py": FUNCTION,
        FILE: SCENARIO.replace("MACHINE", "Calls"),
    }
    return write(tmp_path, files)


def said(project: Path, *command: str, code: int) -> str:
    """Output of a Python command on both streams."""
    environ = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, *command], cwd=project, env=environ, capture_output=True, timeout=120, check=False
    )
    text = (done.stdout + done.stderr).decode()
    assert done.returncode == code, text
    assert "a bug in the harness" not in text, text
    return text


def harness(project: Path, *arguments: str, code: int = 0) -> str:
    return said(project, "-m", "harness", *arguments, code=code)


def only_printable(text: str, shows: str = "owned") -> None:
    assert shows in text
    assert not (found := RAW.search(text)), text[max(0, found.start() - 80) : found.end() + 20]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list"], 0),
        (["list", EVIL], 2),
        (["run", f"{EVIL}.yaml"], 2),
        (["validate", "."], 2),
        ([EVIL], 2),
        (["run", f"--{EVIL}"], 2),
        (["run", "--engine", EVIL], 2),
        (["run", "--parameters", EVIL], 2),
        (["config", EVIL], 2),
        (["sweep", f"{EVIL}.yaml"], 2),
        (["up", f"{EVIL}.yaml"], 2),
        (["compare", "--engines", f"moto,{EVIL}"], 2),
        (["engines", "install", EVIL], 2),
    ],
)
def test_what_a_command_repeats(project: Path, arguments: list[str], code: int) -> None:
    if arguments[0] == "validate":  # a file that is wrong, where it says so
        text = (project / FILE).read_text(encoding="utf-8")
        (project / FILE).write_text(text.replace("Calls", json.dumps(EVIL)), encoding="utf-8")
    only_printable(harness(project, *arguments, code=code))


def test_a_run_and_its_reports(project: Path) -> None:
    files = ("--json", "report.json", "--junit", "report.xml", "--html", "report.html")
    only_printable(harness(project, "run", "-v", *files, code=1))
    for name in files[1::2]:
        only_printable((project / name).read_text(encoding="utf-8"))
    (result,) = json.loads((project / "report.json").read_text(encoding="utf-8"))["results"]
    assert result["title"] == EVIL
    (case,) = ET.parse(project / "report.xml").iter("testcase")
    assert case.get("name") == one_line(EVIL)


def test_items_of_pytest(project: Path) -> None:
    plugin = ("-m", "pytest", "-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "-rA", "-v")
    only_printable(said(project, *plugin, "--junit-xml=report.xml", code=1))
    only_printable((project / "report.xml").read_text(encoding="utf-8"))
    only_printable(said(project, *plugin, "--collect-only", code=0))


def test_a_sweep(project: Path) -> None:
    text = (project / FILE).read_text(encoding="utf-8")
    (project / FILE).write_text(text.replace("output:", "cause:"), encoding="utf-8")
    only_printable(harness(project, "sweep", FILE, "-n", "1", code=1))


def test_an_engine_that_stays(project: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "harness", "up", FILE]
    with subprocess.Popen(
        command, cwd=project, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as up:
        assert up.stdout is not None
        lines = _until_ready(up.stdout)
        up.send_signal(signal.SIGINT)
        lines += list(up.stdout)
    only_printable(b"".join(lines).decode(), shows="is ready")


def _until_ready(stream: Iterator[bytes]) -> list[bytes]:
    lines = []
    for line in stream:
        lines.append(line)
        if b"is ready" in line:
            break
    return lines


def test_escapes() -> None:
    assert printable("a\tb\n\x1b\x9b\u202e\ud800") == "a\tb\n\\x1b\\x9b\\u202e\\ud800"
    assert one_line("a\n\tb\rc") == "a\\n\\tb\\x0dc"
    assert one_line(Path("é😀")) == "é😀"
    assert json.loads(printable_json(json.dumps(EVIL, ensure_ascii=False))) == EVIL


@pytest.mark.parametrize("folder", ["cli", "compare", "report", "sweep", "pytest_plugin"])
def test_nothing_prints_past_it(folder: str) -> None:
    for path in (ROOT / "harness" / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            literal = isinstance(node, ast.Call) and all(isinstance(a, ast.Constant) for a in node.args)
            assert name != "print" or literal, f"{path}:{node.lineno}: use harness.printable.say"
            assert name != "Console" or path.name in ("nodes.py",), f"{path}: use console_for"
