"""Create a run's debugger if a user is at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engine import kind_of
from harness.engine.base import Engine
from harness.printable import say
from harness.scenario.model import Scenario
from harness.settings import Settings, SettingsError

if TYPE_CHECKING:
    from harness.debugging.breaks import Debugging
    from harness.debugging.editors import EditorDebugging


def debugging_of(
    breaks: Sequence[str], engine: str, scenarios: Sequence[Scenario], settings_of: Callable[[Path], Settings]
) -> Debugging | None:
    """Create a desk for the terminal, if there is one. `breaks` are additional breakpoints, from an option.

    Raises:
        SettingsError: breaks are requested without a terminal, or a break matches nothing.
    """
    from harness.debugging.terminal import has_terminal  # noqa: PLC0415  (most runs have none)

    here = sys.stdin.isatty() and has_terminal()
    if breaks:
        _check(breaks, engine, here=here)
        from harness.debugging.breaks import check_names  # noqa: PLC0415  (few runs stop anywhere)

        check_names(breaks, scenarios, settings_of)
    if not here or not kind_of(engine).debugs:
        return None
    from harness.debugging.breaks import Debugging  # noqa: PLC0415
    from harness.debugging.desk import Desk  # noqa: PLC0415

    return Debugging(Desk(), breaks)


def debugging_up(engine: Engine) -> Debugging | None:
    """Create a desk for the `harness up` terminal, if there is one. It stays open when the user quits."""
    from harness.debugging.terminal import has_terminal  # noqa: PLC0415  (as above)

    if not engine.debugs or not has_terminal():
        return None
    from harness.debugging.breaks import Debugging  # noqa: PLC0415
    from harness.debugging.desk import Desk  # noqa: PLC0415

    return Debugging(Desk(ends_run=False))


def editing_of(port: int, engine: str, *, waits: bool) -> EditorDebugging:
    """Create a desk for an editor (see `EditorDesk`). Raises SettingsError."""
    from harness.debugging.editors import debugging_at  # noqa: PLC0415  (few runs are debugged)

    return debugging_at(f"--debugpy {port}", port, engine, _tell, waits=waits)


def _tell(text: str) -> None:
    say(text, file=sys.stderr, flush=True)


def _check(breaks: Sequence[str], engine: str, *, here: bool) -> None:
    if not kind_of(engine).debugs:
        raise SettingsError(
            f"--break {breaks[0]}: {engine} does not run functions and state machines in the harness's own "
            "runtime; omit it, or add --engine moto"
        )
    if not here:
        raise SettingsError(
            f"--break {breaks[0]}: a terminal is required; run the command in the foreground of a terminal, "
            "with standard input not redirected"
        )
