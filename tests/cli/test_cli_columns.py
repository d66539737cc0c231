"""Lists on an 80-column terminal are wrapped between words; pipes get whole lines."""

from __future__ import annotations

import sys
from pathlib import Path

import minimal_project
import pytest
from minimal_project import scenario

from harness.cli import main
from harness.cli.console import say_beside
from harness.exit_codes import PASSED

LONG = "A bucket at which every attempt to count it ends with an error is named in what is sent"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return minimal_project.project(
        tmp_path, a=scenario("Short"), b=scenario(LONG, more="tags: [error, late]\n")
    )


@pytest.mark.usefixtures("project")
def test_a_list_is_within_the_columns_of_a_terminal(monkeypatch, capsys):
    assert main(["list"]) == PASSED
    whole = capsys.readouterr().out
    assert f"scenarios/b.yaml  {LONG}  [error, late]\n" in whole
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert main(["list"]) == PASSED
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "scenarios/a.yaml  Short"
    assert lines[1] == "scenarios/b.yaml  A bucket at which every attempt to count it ends with an error"
    assert lines[2:] == ["                  is named in what is sent  [error, late]"]


@pytest.mark.usefixtures("project")
def test_a_text_is_under_a_head_that_leaves_no_room(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    say_beside(f"{'x' * 60}  ", LONG)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "x" * 60
    assert lines[1].startswith("    A bucket at")
    assert max(map(len, lines)) <= 80
