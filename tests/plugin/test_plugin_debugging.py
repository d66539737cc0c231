"""Functions run by pytest: debugging is possible, and the network settings apply."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import reaching_project
from dap_client import Client
from debugged_project import typed

from harness.engine.child import reserve_port
from harness.pytest_plugin.debugging import DEBUGPY, debugging_for
from harness.settings import SettingsError

pytest_plugins = ["pytester"]
ENGINE: Any = SimpleNamespace(name="moto", debugs=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("70000",), "70000: use a number from 1 to 65535"),
        (
            ("5678", "-n", "2"),
            "5678: an editor debugs one function at a time, but -n runs tests in",
        ),
    ],
)
def test_an_editor_is_refused_before_anything_starts(
    pytester: pytest.Pytester, given: Sequence[str], said: str
) -> None:
    result = pytester.runpytest_inprocess(DEBUGPY, *given)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{DEBUGPY} {said}*"])


TESTS = """\
def test_a_breakpoint_asks(harness_run):
    assert harness_run({"size": 12}).execution.status == "SUCCEEDED"

def test_what_the_network_has_is_reached_and_nothing_else(harness_run):
    assert harness_run({"port": %d}).execution.status == "SUCCEEDED"
    refused = harness_run({"port": %d}).execution
    assert (refused.status, refused.error) == ("FAILED", "ConnectionRefusedError")
"""


@pytest.mark.thorough
def test_a_breakpoint_and_the_network_of_the_fixtures(tmp_path: Path) -> None:
    with reaching_project.project(tmp_path) as ports:
        (tmp_path / "test_it.py").write_text(TESTS % ports)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        code, shown = typed(tmp_path, command, [("app.py:", "p event\n"), ("app.py:", "c\n")])
    assert code == 0, shown
    assert "{'size': 12}" in shown
    assert "2 passed" in shown


def test_an_editor_is_refused_where_lines_are_counted() -> None:
    with pytest.raises(SettingsError, match=f"{DEBUGPY} 5678: pytest-cov counts lines with the tracer"):
        debugging_for(_config(5678), ENGINE, measures=True)


def test_pytest_says_where_it_waits_for_an_editor_and_waits(capsys: pytest.CaptureFixture[str]) -> None:
    port = reserve_port()
    listens = threading.Event()

    def attach() -> None:
        listens.wait()
        with Client(port) as editor:
            editor.attach({})

    editor = threading.Thread(target=attach)
    editor.start()
    debugging = debugging_for(_config(port, listens.set), ENGINE, measures=False)
    editor.join()
    assert debugging
    assert debugging.desk.setting["editor"]
    debugging.desk.close()
    said = f"attach an editor to 127.0.0.1:{port}; waiting (Ctrl-C stops this)"
    assert said in capsys.readouterr().err


def _config(port: int, shows: Callable[[], None] = lambda: None) -> Any:
    """The configuration of a session with the option. `shows` is called while pytest captures nothing."""

    @contextmanager
    def uncaptured() -> Iterator[None]:
        yield
        shows()

    capture = SimpleNamespace(global_and_fixture_disabled=uncaptured)
    plugins = SimpleNamespace(getplugin={"capturemanager": capture}.get)
    return SimpleNamespace(getoption={DEBUGPY: port}.get, pluginmanager=plugins)
