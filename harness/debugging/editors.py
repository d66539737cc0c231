"""Debugging by an editor: functions of what a session plays, with the files behind them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from harness.debugging.editor_desk import HOST, EditorDesk
from harness.engine import kind_of
from harness.engine.base import Engine
from harness.functions.shared.debug_link import Breaks
from harness.observe.sources import Sources
from harness.polling import Clock
from harness.settings import SettingsError
from harness.stack.model import Stack

if TYPE_CHECKING:
    from harness.debugging.breaks import Debugging

    AnyDebugging: TypeAlias = Debugging | "EditorDebugging"

_FUNCTION: Final = "AWS::Lambda::Function"
_NOWHERE: Final[Breaks] = {"functions": [], "states": [], "calls": []}


def debugging_at(
    option: str, port: int, engine: str, tell: Callable[[str], object], *, waits: bool
) -> EditorDebugging:
    """Make a desk for an editor; see `EditorDesk`. `option` is what the user has given.

    Raises:
        SettingsError: functions cannot be debugged on the engine, or the port cannot be had.
    """
    if not kind_of(engine).debugs:
        raise SettingsError(
            f"{option}: {engine} does not run functions in the harness's own runtime, where an editor could "
            "hold them; leave it out, or give --engine moto"
        )
    try:
        return EditorDebugging(EditorDesk(port, tell, waits=waits))
    except OSError as error:
        raise SettingsError(
            f"{option}: {HOST}:{port} cannot be had: {os.strerror(error.errno or 0)}; name another port, "
            "here and in the editor's launch.json"
        ) from None


@dataclass
class EditorDebugging:
    """Debugs what a session plays, from an editor at a desk."""

    desk: EditorDesk

    @property
    def clock(self) -> Clock:
        """The desk's, which stands still while a function is debugged."""
        return self.desk

    def begin(self, engine: Engine) -> None:
        """Let functions be debugged, also those that run while a stack is deployed."""
        engine.set_debugger(self.desk.setting, _NOWHERE)

    def deployed(self, _: Engine, stack: Stack) -> None:
        """Keep the folders from which functions are packaged."""
        names = stack.of_type(_FUNCTION)
        origins = {name: origin for name, origin in stack.origins.items() if name in names}
        folders = Sources.of(origins).folders
        self.desk.files.folders.update((names[name], found) for name, found in folders.items() if found)
