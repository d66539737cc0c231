"""Debugging in pytest: at the terminal, or from an editor (`--harness-debugpy`)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pytest

from harness.printable import say

if TYPE_CHECKING:
    from harness.debugging.editors import AnyDebugging
    from harness.engine.base import Engine

DEBUGPY: Final = "--harness-debugpy"
_LAST_PORT: Final = 65535


def add_debugpy_option(group: pytest.OptionGroup) -> None:
    """Add the option."""
    group.addoption(
        DEBUGPY,
        type=int,
        default=None,
        metavar="PORT",
        help="allow an editor that supports the Debug Adapter Protocol (such as VS Code) to attach to "
        "this port on 127.0.0.1 and debug the functions",
    )


def check_debugpy(config: pytest.Config) -> None:
    """Validate the option. Raises UsageError."""
    port = config.getoption(DEBUGPY)
    if port is None:
        return
    if not 0 < port <= _LAST_PORT:
        raise pytest.UsageError(f"invalid {DEBUGPY} {port}: use a number from 1 to {_LAST_PORT}")
    if hasattr(config, "workerinput") or config.getoption("numprocesses", None):
        raise pytest.UsageError(
            f"{DEBUGPY} {port}: an editor debugs one function at a time, but -n runs tests in parallel; "
            "omit one of them"
        )


def debugging_for(config: pytest.Config, engine: Engine, *, measures: bool) -> AnyDebugging | None:
    """Create and open the debugger for a session's functions; None if debugging is not possible.

    `measures`: function lines are counted with the tracer that a debugger needs.

    Raises:
        SettingsError: an editor is requested but cannot debug functions.
    """
    if config.getoption(DEBUGPY) is not None:
        return _for_editor(config, engine, measures=measures)
    if measures or not engine.debugs or not _may_ask(config):
        return None
    from harness.debugging.breaks import Debugging  # noqa: PLC0415  (most processes have no terminal)
    from harness.debugging.desk import Desk  # noqa: PLC0415

    return Debugging(Desk().open())


def _for_editor(config: pytest.Config, engine: Engine, *, measures: bool) -> AnyDebugging:
    from harness.debugging.editors import debugging_at  # noqa: PLC0415  (few sessions are debugged)
    from harness.settings import SettingsError  # noqa: PLC0415

    port = config.getoption(DEBUGPY)
    option = f"{DEBUGPY} {port}"
    if measures:
        raise SettingsError(
            f"{option}: pytest-cov counts lines with the tracer that a debugger needs; add --no-cov"
        )

    def tell(text: str) -> None:
        capture = config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            say(f"\n{text}", file=sys.stderr, flush=True)

    debugging = debugging_at(option, port, engine.name, tell, waits=True)
    debugging.desk.open()
    return debugging


def _may_ask(config: pytest.Config) -> bool:
    """Return whether a terminal is available. It is not in an xdist worker, or if `-s` is used and input is
    redirected.
    """
    if hasattr(config, "workerinput") or (_shows_all(config) and not sys.stdin.isatty()):
        return False
    from harness.debugging.terminal import has_terminal  # noqa: PLC0415  (most processes have none)

    return has_terminal()


def _shows_all(config: pytest.Config) -> bool:
    """Return whether output is not captured, as with `-s`. In this case, stdin is the command's own stdin."""
    return getattr(config.option, "capture", "no") == "no"
