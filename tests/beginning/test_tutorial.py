"""The tutorial, typed in an empty folder."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from documentation import blocks, text_of

from harness.cli import main
from harness.exit_codes import FAILED, PASSED, WRONG

PAGE = "tutorial/first-scenario.md"
RECORDED, SCENARIO, STATE = blocks("yaml", PAGE)
pytestmark = pytest.mark.usefixtures("kept_engines")


def steps() -> Iterator[tuple[list[str], list[str]]]:
    """Harness commands in the tutorial, each with the output lines that the tutorial shows."""
    for block in blocks("console", PAGE):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = step.splitlines()
            if command.startswith("harness "):
                yield shlex.split(command)[1:], shown


def listed() -> set[str]:
    """Files listed in the tutorial's table for `harness init`."""
    return set(re.findall(r"^\| `([^`]+)`", text_of(PAGE), re.MULTILINE))


def has(printed: str, shown: list[str]) -> bool:
    """Return whether these lines were printed in sequence. The tutorial truncates some of them."""
    at = 0
    for line in shown:
        at = printed.find(line, at)
        if at < 0:
            return False
    return True


def test_each_step_ends_as_the_tutorial_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent / "cache"))
    init, first, fails, mended, sweep = steps()

    def play(step: tuple[list[str], list[str]]) -> int:
        command, shown = step
        code = main(command)
        printed = capsys.readouterr().out
        assert has(printed, shown), printed
        return code

    assert play(init) == PASSED
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {name for name in written if "__pycache__" not in name} == listed()
    assert Path("scenarios/first.yaml").read_text() == RECORDED
    assert json.loads(Path("scenarios/schema.json").read_text())["properties"]["expect"]
    assert main(["init"]) == WRONG
    assert "it already has a [tool.harness] table" in capsys.readouterr().err

    assert play(first) == PASSED
    Path("scenarios/sns-fails-once.yaml").write_text(SCENARIO)
    assert play(fails) == FAILED

    template = Path("template.yaml")
    before, state, _ = template.read_text().partition("          Send:\n")
    assert state
    template.write_text(before + STATE)
    # A cfn-lint check takes as long as the rest of this test; the check of the previous template is enough.
    with Path("pyproject.toml").open("a") as settings:
        settings.write("lint = false\n")
    assert play(mended) == PASSED
    assert sweep[0] == ["sweep", "scenarios/first.yaml"]
