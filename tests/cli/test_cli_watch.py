"""`harness watch`: saved files are run again on an engine that keeps running."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import minimal_project
import pytest
from minimal_project import OWN, TEMPLATE, scenario

from harness.cli import main
from harness.exit_codes import INTERRUPTED, WRONG
from harness.watching.files import Files


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[IO[str]]:
    command = [sys.executable, "-m", "harness", "watch", *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def told(screen: IO[str]) -> str:
    """Output until it waits for files again."""
    said = ""
    for line in screen:
        said += line
        if line.startswith("watching "):
            return said
    raise AssertionError(said)


def test_what_is_saved_is_played_again(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent / "cache"))
    folder = minimal_project.project(tmp_path, a=scenario("One"), b=scenario("Two", "FAILED"))
    with (folder / "pyproject.toml").open("a") as settings:
        settings.write('expectations = "expectations.py"\n')
    (folder / "expectations.py").write_text(OWN)
    with watching(folder) as screen:
        assert "1 passed, 1 failed" in told(screen)
        (folder / "scenarios/b.yaml").write_text(scenario("Two", more="# better\n"))
        said = told(screen)
        assert said.startswith(
            "saved: scenarios/b.yaml\nscenarios/b.yaml: this scenario; press Enter to run all\n"
        )
        assert "\n1 passed in" in said
        (folder / "template.yaml").write_text(TEMPLATE.replace('"Type": "Succeed"', '"Type": "Fail"'))
        said = told(screen)
        assert "saved: template.yaml\n" in said
        assert "2 failed" in said
        (folder / "template.yaml").write_text(TEMPLATE)
        assert "2 passed" in told(screen)
        (folder / "expectations.py").write_text(OWN.replace('key="states"', 'key="number_of_states"'))
        (folder / "scenarios/a.yaml").write_text(
            scenario("One").replace("expect:\n", "expect:\n  states: 1\n")
        )
        said = told(screen)
        assert re.search(r"a.yaml:3:3: unknown key 'states'.*number_of_states", said)
        (folder / "scenarios/c.yaml").write_text(scenario("Three"))
        (folder / "scenarios/a.yaml").write_text(
            scenario("One").replace("expect:\n", "expect:\n  number_of_states: 1\n")
        )
        # because the expectations were saved while a scenario was broken
        assert "\n3 passed in" in told(screen)


@pytest.mark.usefixtures("nothing_starts")
def test_other_engines_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(minimal_project.project(tmp_path, a=scenario()))
    with Path("pyproject.toml").open("a") as settings:
        settings.write("lint = false\n")  # nothing is known about its template if the cache is empty
    monkeypatch.setattr(Files, "wait", _stop)
    assert main(["watch", "--engine", "localstack"]) == WRONG
    assert "localstack is not supported by watch" in capsys.readouterr().err


def test_ctrl_c_in_the_first_play_stops_it(tmp_path, monkeypatch):
    monkeypatch.chdir(minimal_project.project(tmp_path, a=scenario()))
    monkeypatch.setattr("harness.cli.watch.guarded", _stop)
    assert main(["watch"]) == INTERRUPTED


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_files_that_come_go_and_change_are_seen(tmp_path):
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "b.py").write_text("1")
    files = Files()
    files.add([tmp_path / "a.py", tmp_path / "b.py"])
    assert files.changed() == frozenset()
    (tmp_path / "a.py").write_text("22")
    (tmp_path / "b.py").unlink()
    (tmp_path / "c.yaml").write_text("x: 1")
    (tmp_path / ".a.py.swp").write_text("no matter")
    assert files.changed() == {tmp_path / "a.py", tmp_path / "b.py", tmp_path / "c.yaml"}
    files.begin()
    assert files.changed() == frozenset()
