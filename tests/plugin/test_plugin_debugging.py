"""Debugging what pytest plays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from dap_client import Client
from debugged_project import free_port

from harness.pytest_plugin.debugging import DEBUGPY, debugging_for
from harness.settings import SettingsError

pytest_plugins = ["pytester"]
ENGINE: Any = SimpleNamespace(name="moto", debugs=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("70000",), "70000: write a number from 1 to 65535"),
        (
            ("5678", "-n", "2"),
            "5678: an editor debugs one function at a time, and -n plays tests side",
        ),
    ],
)
def test_an_editor_is_refused_before_anything_starts(
    pytester: pytest.Pytester, given: Sequence[str], said: str
) -> None:
    result = pytester.runpytest_inprocess(DEBUGPY, *given)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{DEBUGPY} {said}*"])


def test_an_editor_is_refused_where_lines_are_counted() -> None:
    with pytest.raises(SettingsError, match=f"{DEBUGPY} 5678: pytest-cov counts lines with the tracer"):
        debugging_for(_config(5678), ENGINE, measures=True)


def test_pytest_says_where_it_waits_for_an_editor_and_waits(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
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
    said = f"an editor attaches to 127.0.0.1:{port}; waiting for it (Ctrl-C ends this)"
    assert said in capsys.readouterr().err


def _config(port: int, shows: Callable[[], None] = lambda: None) -> Any:
    """The configuration of a session with the option; `shows` is called when pytest captures nothing."""

    @contextmanager
    def uncaptured() -> Iterator[None]:
        yield
        shows()

    capture = SimpleNamespace(global_and_fixture_disabled=uncaptured)
    plugins = SimpleNamespace(getplugin={"capturemanager": capture}.get)
    return SimpleNamespace(getoption={DEBUGPY: port}.get, pluginmanager=plugins)
