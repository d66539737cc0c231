"""Debugging of a function: `breakpoint()`, `pdb.set_trace()` and the requested stops.

pdb runs in the function's process, and reads and writes over a link to the process that has the terminal.
During a stop, the supervisor enforces no limits, and no thread in the function gets the baton. Before the
first stop, nothing is traced, and pdb is not imported. A link stays open until the invocation ends.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from ..shared.debug_link import DebugSetting, Link
from ..shared.sandbox_protocol import InvocationSetting
from . import audit, memory
from .baton import BATON
from .side_channel import SideChannel

AT_HANDLER = ""
"""The breakpoint at the first line of an invocation's handler."""
_OTHERS = ("__main__", "awslambdaric", "boto3", "botocore", "harness", "importlib", "runpy", "s3transfer")
_HIDDEN = ("awslambdaric", "awslambdaric.*", "harness.*", "botocore", "botocore.*", "boto3", "boto3.*")


class Terminal:
    """A text file on a link, for pdb. The text after the last newline is the prompt for the next read."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, link: Link) -> None:
        self._link = link
        self._text = ""
        self.complete: Callable[[str, str, int, int], list[str]] = lambda *_: []

    def write(self, text: str) -> int:
        """Write text. The part after the last newline is shown with the next request for a line."""
        self._text += text
        if len(self._text) > 1 << 16:
            self._send_lines()
        return len(text)

    def flush(self) -> None:
        """Show all complete lines."""
        self._send_lines()

    def isatty(self) -> bool:
        """Return False, because otherwise pdb would colour its output for a terminal."""
        return False

    def readline(self) -> str:
        """Read a line from the user, or return "" at the end of input. Raises KeyboardInterrupt."""
        self._send_lines()
        prompt, self._text = self._text, ""
        self._link.send({"ask": prompt})
        while True:
            answer = self._link.receive()
            if "complete" in answer:
                self._link.send({"matches": self._matches(*answer["complete"])})
            elif answer.get("interrupt"):
                raise KeyboardInterrupt
            else:
                line = answer["line"]
                return "" if line is None else f"{line}\n"

    def _matches(self, text: str, line: str, begin: int, end: int) -> list[str]:
        try:
            return self.complete(text, line, begin, end)
        except Exception:  # raised by the inspected value
            return []

    def _send_lines(self) -> None:
        lines, newline, self._text = self._text.rpartition("\n")
        if newline:
            self._link.send({"text": lines + newline})


class Debugger:
    """The debugger for this process's function. It notifies the supervisor when debugging starts and ends."""

    def __init__(self, setting: DebugSetting, side: SideChannel, function: str) -> None:
        self._setting = setting
        self._side = side
        self._function = function
        self._link: Link | None = None
        self._pdb: Any = None
        self._class: Any = None
        self._breaks: frozenset[str] = frozenset()
        self._given_up = False

    def install(self) -> None:
        """Start handling `breakpoint()` and `pdb.set_trace()`."""
        sys.breakpointhook = self._breakpoint
        audit.on("import", self._imports)

    def begin(self, setting: InvocationSetting) -> None:
        """Begin an invocation, with its breakpoints."""
        self._breaks = frozenset(setting["breaks"])

    def end(self) -> None:
        """End debugging when the invocation, or the initialisation, ends."""
        if self._link is not None:
            sys.settrace(None)
            link, self._link, self._pdb = self._link, None, None
            link.close()
            self._side.tell("debug", {"on": False})

    def around(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap the function's handler, so that it stops at its first line if requested."""
        if AT_HANDLER not in self._breaks:
            return handler

        def stopping(*arguments: object, **named: object) -> Any:
            pdb = self._opened()
            if pdb is not None:
                pdb.wait_for(_code_of(handler), sys._getframe())
            return handler(*arguments, **named)

        return stopping

    def on_call(self, names: set[str], operation: str, params: Mapping[str, object]) -> None:
        """Stop before an AWS call if requested."""
        found = sorted(
            f"{name}:{operation}" for name in names if f"{name}:{operation}".lower() in self._breaks
        )
        frame = _users_frame(sys._getframe(1))
        if found and frame is not None:
            shown = json.dumps(params, indent=2, default=repr, ensure_ascii=False)
            self._stop_now(frame, f"before {found[0]}; its request is\n{shown}")

    def _breakpoint(self, *_: object, **named: object) -> None:
        """Replace `sys.breakpointhook` and `pdb.set_trace`."""
        header = named.get("header")
        frame = sys._getframe(1)
        pdb = self._opened()
        if pdb is None:
            return
        if header is not None:
            pdb.message(header)
        pdb.set_trace(frame)

    def _stop_now(self, frame: FrameType, header: str) -> None:
        """Stop in a frame in the middle of a line."""
        pdb = self._opened()
        if pdb is None:
            return
        tracer, before = sys.gettrace(), frame.f_trace
        sys.settrace(None)
        pdb.message(header)
        pdb.stop_now(frame)
        if not pdb.goes_on:
            sys.settrace(pdb.trace_dispatch)
        elif tracer is not None:
            sys.settrace(tracer)
            frame.f_trace = before

    def _opened(self) -> Any:
        """Return the debugger for this invocation, or None if the terminal is no longer available."""
        if self._given_up:
            return None
        if self._link is None:
            self._side.tell("debug", {"on": True})
            try:
                self._link = Link(self._setting, self._function)
            except OSError:
                self._given_up = True
                self._side.tell("debug", {"on": False})
                return None
            with memory.aside():
                self._class = self._class or debugger_class(importlib.import_module("pdb"))
            self._pdb = self._class(self._link, self._function)
        return self._pdb

    def _imports(self, _: str, arguments: tuple[Any, ...]) -> None:
        if arguments[0] == "pdb" and "pdb" not in sys.modules:
            with memory.aside():
                module = importlib.import_module("pdb")
            module.set_trace = self._breakpoint  # type: ignore[attr-defined]


def debugger_class(pdb: Any) -> Any:
    """Create the debugger class. pdb is a parameter, because it is imported only at the first stop."""

    class LinkedPdb(pdb.Pdb):  # type: ignore[misc]
        """pdb over a link."""

        def __init__(self, link: Link, function: str) -> None:
            self._terminal = Terminal(link)
            self._own_prompt = ""
            super().__init__(
                stdin=self._terminal, stdout=self._terminal, skip=_HIDDEN, nosigint=True, readrc=False
            )
            self._link = link
            self._function = function
            self._waits_for: CodeType | None = None
            self._any_frame = False
            self.goes_on = False
            self._terminal.complete = self._completed

        @property
        def prompt(self) -> str:
            """Return a prompt with the current location: `(size app.py:12) `."""
            frame = getattr(self, "curframe", None)
            if self._own_prompt != "(Pdb) " or frame is None:
                return self._own_prompt
            file = frame.f_code.co_filename.rpartition("/")[2]
            return f"({self._function} {file}:{frame.f_lineno}) "

        @prompt.setter
        def prompt(self, text: str) -> None:
            self._own_prompt = text

        def wait_for(self, code: CodeType | None, frame: FrameType) -> None:
            """Stop at the first line of the given code, which is about to be called. None means any code."""
            self._waits_for, self._any_frame = code, code is None
            self.set_trace(frame)

        def stop_now(self, frame: FrameType) -> None:
            """Stop in a frame immediately. The caller then starts tracing, unless `goes_on` is set."""
            self.reset()
            self._trace_frames(frame)
            self.set_step()
            self.interaction(frame, None)

        def _trace_frames(self, frame: FrameType | None) -> None:
            while frame is not None:
                frame.f_trace = self.trace_dispatch
                self.botframe = frame
                frame = frame.f_back

        def set_continue(self) -> None:
            self.goes_on = not self.breaks
            super().set_continue()

        def stop_here(self, frame: FrameType) -> Any:
            if self._waits_for is not None:
                return frame.f_code is self._waits_for
            return super().stop_here(frame)

        def user_call(self, frame: FrameType, arguments: Any) -> None:
            if self._waits_for is None and not self._any_frame:
                super().user_call(frame, arguments)

        def user_line(self, frame: FrameType) -> None:
            self._waits_for, self._any_frame = None, False
            super().user_line(frame)

        def user_return(self, frame: FrameType, value: Any) -> None:
            """Stop for the user, and continue normally once stepping would leave the function's code."""
            super().user_return(frame, value)
            if not self.quitting and _users_frame(frame.f_back) is None:
                self.set_continue()

        def get_stack(self, frame: FrameType | None, trace: Any) -> Any:
            """Hide the frames that called the handler."""
            stack, current = super().get_stack(frame, trace)
            hidden = 0
            while hidden < current and not self._is_users(stack[hidden][0]):
                hidden += 1
            return stack[hidden:], current - hidden

        def _is_users(self, frame: FrameType) -> bool:
            name = frame.f_globals.get("__name__")
            return name != "__main__" and not self.is_skipped_module(name) and not _is_frozen(frame)

        def interaction(self, *arguments: Any) -> None:
            self.goes_on = False
            streams = sys.stdin, sys.stdout
            with alone():
                sys.stdin = sys.stdout = self._terminal
                try:
                    super().interaction(*arguments)
                finally:
                    sys.stdin, sys.stdout = streams

        def do_quit(self, argument: str) -> Any:
            """End the run, or end only the invocation if the engine keeps running."""
            self._terminal.flush()
            try:
                self._link.send({"quit": True})
                self._link.receive()  # at the end of the run it does not return: the process is terminated
            except (EOFError, OSError):
                pass
            return super().do_quit(argument)

        do_q = do_exit = do_EOF = do_quit  # noqa: N815  (cmd calls it by this name)

        def _completed(self, text: str, line: str, begin: int, end: int) -> list[str]:
            if begin > 0 and line.lstrip():
                command = self.parseline(line)[0]
                named = getattr(self, f"complete_{command}", None) if command else None
                return list((named or self.completedefault)(text, line, begin, end))
            return list(self.completenames(text, line, begin, end))

    return LinkedPdb


@contextmanager
def alone() -> Iterator[None]:
    """Stop the clock, the other threads and the watchdog."""
    before = BATON.calling
    BATON.calling = True
    try:
        yield
    finally:
        BATON.calling = before


def _is_frozen(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith("<frozen")


def _users_frame(frame: FrameType | None) -> FrameType | None:
    """Find the calling frame in the function's code."""
    while frame is not None:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if package not in _OTHERS and not _is_frozen(frame):
            return frame
        frame = frame.f_back
    return None


def _code_of(handler: Callable[..., Any]) -> CodeType | None:
    """Return the code of a handler, without its wrappers."""
    inner: Any = inspect.unwrap(handler)
    code = getattr(inner, "__code__", None) or getattr(vars(type(inner)).get("__call__"), "__code__", None)
    return code if isinstance(code, CodeType) else None
