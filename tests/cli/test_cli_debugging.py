"""`harness run` and `harness replay` in a terminal debugging session."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from dap_client import Client
from debugged_project import HARNESS, LONGEST_S, facts, project, typed

from harness.cli.arguments import parse
from harness.cli.debugging import debugging_of, editing_of
from harness.engine.child import reserve_port
from harness.projects import Projects
from harness.settings import SettingsError


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, and the report for a run without debugging."""
    folder = project(tmp_path_factory.mktemp("project"), stop=False)
    command = [*HARNESS, "run", "scenarios/one.yaml", "--json", "without.json"]
    subprocess.run(command, cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return folder


def test_verdict_and_report_are_the_same_with_stops_and_without(plain: Path) -> None:
    folder = plain
    stops = ["--break", "Add", "--break", "Pause", "--json", "with.json"]
    code, shown = typed(
        folder,
        [*HARNESS, "run", "scenarios/one.yaml", *stops],
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
    assert facts(folder / "with.json") == facts(folder / "without.json")


def test_verdict_and_report_are_the_same_with_an_editor(plain: Path) -> None:
    port = reserve_port()
    command = [*HARNESS, "run", "scenarios/one.yaml", "--debugpy", str(port), "--json", "editor.json"]
    app = plain / "src" / "app.py"
    pipes: Any = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, cwd=plain, stdin=subprocess.DEVNULL, text=True, **pipes) as run:
        assert run.stderr
        assert f"attach an editor to 127.0.0.1:{port}; waiting" in run.stderr.readline()
        with Client(port) as editor:
            editor.attach({app: [5]}, ["uncaught"])
            assert editor.stopped()[:3] == (str(app), 5, "breakpoint")
            assert editor.evaluate("event['stop']") == "False"
            editor.go("next")
            assert editor.stopped()[1:3] == (6, "step")
            editor.go()
            editor.event("terminated")
        shown, complaint = run.communicate(timeout=LONGEST_S)
    assert run.returncode == 0, shown + complaint
    assert facts(plain / "editor.json") == facts(plain / "without.json")


def test_to_quit_at_a_breakpoint_ends_the_run_in_order(tmp_path: Path) -> None:
    folder = project(tmp_path / "project", stop=True)
    code, shown = typed(folder, [*HARNESS, "run", "scenarios/one.yaml"], [("app.py:", "q\n")])
    assert code == 130, shown
    assert "Not run, because the run stopped early" in shown


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("-n", "2"), "only one scenario can be debugged at a time, but -n 2 runs several"),
        (("--cov",), "--cov counts lines with the tracer that a debugger needs"),
    ],
)
@pytest.mark.parametrize("asked", [("--break", "Add"), ("--debugpy", "5678")])
def test_debugging_does_not_go_with_other_options(
    asked: Sequence[str], more: Sequence[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(["run", *asked, *more])
    assert f"{' '.join(asked)}: {said}" in capsys.readouterr().err


def test_nothing_of_it_is_imported_where_nobody_debugs() -> None:
    code = (
        "import sys, harness.cli.arguments, harness.cli.commands, harness.cli.playing\n"
        "import harness.pytest_plugin\n"
        "print([name for name in sys.modules if name.startswith('harness.debugging')])"
    )
    done = subprocess.run([*HARNESS[:1], "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_somebody_is_asked_at_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["run", "--debugpy", "5678", "--break", "Add"])
    assert (
        "--debugpy 5678: --break Add opens a prompt at the terminal, not in an editor"
        in capsys.readouterr().err
    )


def test_an_editor_is_refused_where_nothing_can_be_held() -> None:
    with pytest.raises(SettingsError, match="--debugpy 5678: ministack does not run functions"):
        editing_of(5678, "ministack", waits=True)


def test_an_editor_is_refused_where_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = f"127.0.0.1:{port} is not available: Address already in use; use another port"
        with pytest.raises(SettingsError, match=said):
            editing_of(port, "moto", waits=True)


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("moto", "a terminal is required"),
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
