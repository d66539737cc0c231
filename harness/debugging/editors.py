"""Debugging with an editor: the functions in a session, with their source files."""

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
    """Create a desk for an editor; see `EditorDesk`. `option` is the option that the user specified.

    Raises:
        SettingsError: functions cannot be debugged on the engine, or the port is not available.
    """
    if not kind_of(engine).debugs:
        raise SettingsError(
            f"{option}: {engine} does not run functions in the harness's own runtime, so an editor cannot "
            "stop them; remove the option, or use --engine moto"
        )
    try:
        return EditorDebugging(EditorDesk(port, tell, waits=waits))
    except OSError as error:
        raise SettingsError(
            f"{option}: {HOST}:{port} is not available: {os.strerror(error.errno or 0)}; use another port, "
            "here and in the editor's launch.json"
        ) from None


@dataclass
class EditorDebugging:
    """Debugs a session's functions from an editor at a desk."""

    desk: EditorDesk

    @property
    def clock(self) -> Clock:
        """Return the desk's clock, which stands still while a function is stopped."""
        return self.desk

    def begin(self, engine: Engine) -> None:
        """Make functions debuggable, including those that run during a deployment."""
        engine.set_debugger(self.desk.setting, _NOWHERE)

    def deployed(self, _: Engine, stack: Stack) -> None:
        """Store the folders from which functions are packaged."""
        names = stack.of_type(_FUNCTION)
        origins = {name: origin for name, origin in stack.origins.items() if name in names}
        folders = Sources.of(origins).folders
        self.desk.files.folders.update((names[name], found) for name, found in folders.items() if found)
