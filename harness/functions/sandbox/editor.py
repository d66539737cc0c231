"""Debugging a function from an editor: see `shared.editor_link`.

As with a terminal (`debugger`), the supervisor enforces no limits during a stop. While a thread is stopped,
no thread in the function gets the baton. A link stays open until the invocation ends. Without an attached
editor, nothing is traced.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from ..shared.debug_link import DebugSetting, Link
from ..shared.editor_link import Go, Reason, Wanted
from ..shared.sandbox_protocol import InvocationSetting
from . import audit, memory
from .baton import allocate_really
from .debugger import alone
from .shown_values import ShownValues
from .side_channel import SideChannel
from .stepping import Stepper, frames_of, read, users_frame, users_frames

_NO_ERROR: Mapping[str, object] = {"exceptionId": "", "breakMode": "always"}


class EditorDebugger:
    """The debugger for this process's function. It reports to `side` when debugging starts and ends."""

    def __init__(self, setting: DebugSetting, side: SideChannel, function: str) -> None:
        self._setting = setting
        self._side = side
        self._function = function
        self._link: Link | None = None
        self._wanted: Wanted = {"files": [], "raised": False, "uncaught": False}
        self._stepper = Stepper(self._hold, self._look, self._tell_bound, self._say)
        self._one = allocate_really()  # one stop at a time: with a real clock, threads run in parallel
        self._error: BaseException | None = None

    def install(self) -> None:
        """Start debugging the code as it loads, and start handling `breakpoint()` and `pdb.set_trace()`."""
        sys.breakpointhook = self._breakpoint
        audit.on("import", self._imports)
        self._open()

    def begin(self, _: InvocationSetting) -> None:
        """Begin an invocation."""
        self._open()

    def end(self) -> None:
        """End debugging when the invocation, or the initialisation, ends."""
        if self._link is not None:
            self._stepper.stop()
            link, self._link = self._link, None
            link.close()
            self._side.tell("debug", {"on": False})

    def around(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap the function's handler, so that it stops at an exception that leaves it."""

        def watched(*arguments: object, **named: object) -> Any:
            try:
                return handler(*arguments, **named)
            except Exception as error:
                self._leaves(error)
                raise

        return watched if self._link is not None else handler

    def on_call(self, names: set[str], operation: str, params: Mapping[str, object]) -> None:
        """Do nothing before an AWS call: an editor stops only at lines."""

    def _open(self) -> None:
        if self._link is not None:
            return
        with memory.aside():
            try:
                link = Link(self._setting, self._function)
                wanted = link.receive()["editor"]
            except (EOFError, OSError):
                return  # the desk has closed, and the run is about to end
            if wanted is None:
                link.close()
                return
        self._side.tell("debug", {"on": True})
        self._link, self._wanted = link, wanted
        self._stepper.start(wanted)

    def _leaves(self, error: Exception) -> None:
        frames = frames_of(error)
        if self._link is None or not self._wanted["uncaught"] or not frames:
            return
        sys.settrace(None)
        self._error = error
        self._ask(frames, "exception", f"{type(error).__name__}: {error}", ())

    def _breakpoint(self, *_: object, **named: object) -> None:
        """Replace `sys.breakpointhook` and `pdb.set_trace`."""
        frame = users_frame(sys._getframe(1))
        if self._link is not None and frame is not None:
            self._stepper.hold_now(frame, "breakpoint", str(named.get("header") or ""))

    def _hold(self, frame: FrameType, reason: Reason, text: str, ids: Sequence[int]) -> Go:
        self._error = self._stepper.seen if reason == "exception" else None
        return self._ask(users_frames(frame), reason, text, ids)

    def _ask(self, frames: list[tuple[FrameType, int]], reason: Reason, text: str, ids: Sequence[int]) -> Go:
        """Hold this thread until the editor continues it."""
        link = self._link
        if link is None:
            return "continue"
        with self._one, alone(), memory.aside():
            values = ShownValues(frames)
            try:
                link.send({"stopped": {"reason": reason, "text": text, "ids": list(ids)}})
                while True:
                    message = link.receive()
                    if "go" in message:
                        go: Go = message["go"]
                        return go
                    self._take(message, values)
            except (EOFError, OSError):
                self.end()
                return "continue"
            finally:
                self._error = None

    def _look(self) -> None:
        """Read the editor's pending messages."""
        link = self._link
        if link is None:
            return
        try:
            while link.ready():
                self._take(link.receive(), ShownValues([]))
        except (EOFError, OSError):
            self.end()

    def _take(self, message: Mapping[str, Any], values: ShownValues) -> None:
        if "editor" in message:
            self._want(message["editor"])
        elif "pause" in message:
            self._stepper.pause = True
        elif "command" in message and self._link is not None:
            try:
                self._link.send({"answer": self._answer(message["command"], message["arguments"], values)})
            except (EOFError, OSError):
                raise
            except Exception as error:  # raised by the evaluated expression
                self._link.send({"refused": "".join(traceback.format_exception_only(error)).strip()})

    def _want(self, wanted: Wanted | None) -> None:
        """Replace the stops. None means that the editor has disconnected."""
        self._wanted = wanted or {"files": [], "raised": False, "uncaught": False}
        self._stepper.want(self._wanted)

    def _answer(
        self, command: str, arguments: Mapping[str, Any], values: ShownValues
    ) -> Mapping[str, object]:
        if command == "stackTrace":
            return {"stackFrames": values.stack()}
        if command == "scopes":
            return {"scopes": values.scopes(arguments["frameId"])}
        if command == "variables":
            return {"variables": values.variables(arguments["variablesReference"])}
        if command == "source":
            return {"content": read(str(arguments["file"]))}
        if command == "exceptionInfo":
            return _about(self._error)
        statements = arguments.get("context") == "repl"
        return values.evaluate(arguments["expression"], arguments.get("frameId", 1), statements=statements)

    def _tell_bound(self, path: str, file: str) -> None:
        self._send({"bound": [path, file]})

    def _say(self, text: str) -> None:
        self._send({"output": text})

    def _send(self, message: Mapping[str, object]) -> None:
        if self._link is not None:
            with contextlib.suppress(OSError):
                self._link.send(message)

    def _imports(self, _: str, arguments: tuple[Any, ...]) -> None:
        if arguments[0] == "pdb" and "pdb" not in sys.modules:
            with memory.aside():
                module = importlib.import_module("pdb")
            module.set_trace = self._breakpoint  # type: ignore[attr-defined]


def _about(error: BaseException | None) -> Mapping[str, object]:
    if error is None:
        return _NO_ERROR
    told = "".join(traceback.format_exception(error))
    return {
        "exceptionId": type(error).__name__,
        "description": str(error),
        "breakMode": "unhandled",
        "details": {"message": str(error), "typeName": type(error).__name__, "stackTrace": told},
    }
