"""A definition without a template, like a workflow in a blog post: it runs, and its bugs are reported."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLAIN = Path(__file__).parent / "plain"
PYPROJECT = """\
[tool.harness]
definition = "flow.asl.yaml"
region = "cn-north-1"

[tool.harness.functions]
greet = {code = "functions/greet", environment = {GREETING = "Hello"}}
tell = "functions/tell.py"

[tool.harness.tables]
greetings = {key = {name = "S"}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PLAIN, tmp_path / "plain", ignore=ignored))


def run(folder: Path, *command: str) -> tuple[int, str]:
    given = command or ("run",)
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "harness", *given],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} has changed: adapt this test"
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_it_runs_with_nothing_but_a_scenario(project: Path) -> None:
    code, said = run(project)
    assert code == 0, said
    assert said.count("permissions: not checked: a definition without a template has no roles") == 1
    assert "flow.asl.yaml: permissions" in said


def test_it_runs_by_its_settings_in_another_region(project: Path) -> None:
    (project / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    scenario = project / "scenarios" / "greets.yaml"
    text = scenario.read_text(encoding="utf-8")
    begin, end = text.index("stack:"), text.index("run:")
    scenario.write_text(text[:begin] + text[end:], encoding="utf-8")
    code, said = run(project, "run", "-v")
    assert code == 0, said
    # The scenario's value wins: here, it replaces a function.
    (project / "stub.py").write_text(
        "def handler(event, context):\n    return 'Hello, Ada!'\n", encoding="utf-8"
    )
    added = f"{text[:begin]}stack: {{functions: {{greet: ../stub.py}}}}\n{text[end:]}"
    scenario.write_text(added, encoding="utf-8")
    change(project / "functions" / "greet" / "app.py", "return", "raise")
    code, said = run(project)
    assert code == 0, said


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("file", "good", "bad", "said"),
    [
        (
            "flow.asl.yaml",
            "function:greet",
            "function:great",
            "flow.asl.yaml:6:5: the definition calls function great, which is not under `functions`; add it: "
            "functions: {great: PATH}; did you mean 'greet'? given: greet, tell",
        ),
        (
            "functions/tell.py",
            "def lambda_handler(event, context)",
            "def tell(event)",
            "scenarios/greets.yaml:6:5: functions.tell: functions/tell.py has no function lambda_handler or "
            "handler in tell.py; set its handler: {code: ..., handler: MODULE.FUNCTION}",
        ),
        (
            "scenarios/greets.yaml",
            "{greetings: {exact",
            "{greeting: {exact",
            "the template has no table 'greeting'; did you mean 'greetings'?",
        ),
        (
            "scenarios/greets.yaml",
            "timeout: 10 s",
            "timeout: 10 h",
            "scenarios/greets.yaml:5:80: a function's timeout cannot be 36000 s; write whole seconds",
        ),
        (
            "scenarios/greets.yaml",
            "  definition: ../flow.asl.yaml",
            "  template: ../flow.asl.yaml\n  definition: ../flow.asl.yaml",
            "scenarios/greets.yaml:4:3: stack has both template and definition; remove one of them",
        ),
        (
            "scenarios/greets.yaml",
            "../flow.asl.yaml",
            "../flow.asl.yml",
            "flow.asl.yml not found; correct the path, which is relative to this file",
        ),
    ],
)
def test_a_mistake_is_named_before_anything_starts(
    project: Path, file: str, good: str, bad: str, said: str
) -> None:
    change(project / file, good, bad)
    code, found = run(project)
    assert code == 2, found
    assert said in found
    assert "PASS" not in found
    assert run(project, "validate")[0] == 2
