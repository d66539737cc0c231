"""The desk of a command with a terminal. It listens for debugged processes and stops the clock for them."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, Final, Protocol, Self

from harness.debugging.still_clock import StillClock
from harness.functions.shared.debug_link import DebugSetting

PROMPTS = "harness.debugging.prompts"
_WAITING = 64
_WAKE: Final = signal.SIGURG
"""Python runs pending handlers in order of signal number, so the SIGINT handler has run before this signal's
handler runs.
"""
_REPEAT_S: Final = 0.1  # of real time


class Held(Protocol):
    """A progress display that is hidden during prompts."""

    def hold(self) -> None:
        """Hide the display."""

    def go_on(self) -> None:
        """Show the display again."""


class Desk(StillClock):
    """Listens from `open` to `close`; a context manager. Its clock stands still during debugging.

    `screen` is hidden during prompts. If `ends_run` is true, `q` ends the whole command, as Ctrl-C does, and
    not only the debugged process. `command` starts the process that shows the prompts.
    """

    def __init__(
        self,
        screen: Held | None = None,
        *,
        ends_run: bool = True,
        command: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self.screen = screen
        self._ends_run = ends_run
        self._command = command or (sys.executable, "-P", "-m", PROMPTS)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_WAITING)
        self._control, self._theirs = socket.socketpair()
        self._process: subprocess.Popen[bytes] | None = None
        self._token = secrets.token_hex(16)
        self._asking = False
        self._handled: SimpleQueue[None] = SimpleQueue()  # a signal handler can add to it at any time
        self._closed = False
        self._before: Any = None
        self._before_wake: Any = None
        self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)

    @property
    def setting(self) -> DebugSetting:
        """Return the desk's address."""
        return {"port": self._listener.getsockname()[1], "token": self._token}

    def open(self) -> Self:
        """Start listening.

        Call this in the main thread, so that Ctrl-C at a prompt does not end the command.
        """
        self._thread.start()
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._interrupted)
                self._before_wake = signal.signal(_WAKE, lambda *_: self._handled.put(None))
        return self

    def close(self) -> None:
        """Stop listening, and end the prompts."""
        if self._closed:
            return
        self._closed = True
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            signal.signal(_WAKE, self._before_wake)
        self._control.close()
        self._theirs.close()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread
        self._listener.close()
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *error: object) -> None:
        self.close()

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if not self._asking:
            self._before(number, frame)

    def _serve(self) -> None:
        import select  # noqa: PLC0415  (most runs never stop at a breakpoint)

        try:
            select.select([self._listener], [], [])
            if self._closed:
                return
            self.hold(True)
            self._begin()
            with self._control.makefile("r", encoding="ascii") as lines:
                for line in lines:
                    self._take(line.strip())
        except (OSError, ValueError):  # the desk is closed
            return

    def _begin(self) -> None:
        fds = [self._listener.fileno(), self._theirs.fileno()]
        command = [*self._command, *map(str, fds), self._token, "run" if self._ends_run else "invocation"]
        root = str(Path(__file__).parents[2])
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])),
        }
        self._process = subprocess.Popen(command, pass_fds=fds, stdin=subprocess.DEVNULL, env=env)
        self._theirs.close()

    def _take(self, word: str) -> None:
        actions: dict[str, Callable[[], None]] = {
            "ask": self._ask,
            "asked": self._asked,
            "open": lambda: self.hold(True),
            "idle": lambda: self.hold(False),
            "quit": self._quit,
        }
        actions[word]()

    def _quit(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def _ask(self) -> None:
        self._asking = True
        if self.screen is not None:
            self.screen.hold()
        self._control.sendall(b"+")

    def _asked(self) -> None:
        if self.screen is not None:
            self.screen.go_on()
        self._handle_interrupts()
        self._asking = False
        self._control.sendall(b"+")

    def _handle_interrupts(self) -> None:
        """Wait until the main thread has handled every Ctrl-C.

        One may be pending during a system call. The signal that interrupts the call is repeated, because it
        has no effect if it arrives immediately before the call.
        """
        self._handled = SimpleQueue()  # without answers to repeated signals
        while self._before is not None and not self._closed:
            signal.pthread_kill(threading.main_thread().ident or 0, _WAKE)
            with suppress(Empty):
                self._handled.get(timeout=_REPEAT_S)
                return
