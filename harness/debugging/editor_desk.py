"""The desk of a command that an editor debugs. It listens for the editor and for functions.

Both ports are on 127.0.0.1. Any client that connects to the editor's port can run code as the user, so the
port is opened only on request. A function must send the token.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import socket
import threading
from collections.abc import Callable
from typing import Self

from harness.debugging.adapter_protocol import Editor
from harness.debugging.debugged import Debugged
from harness.debugging.desk import Held
from harness.debugging.editor_session import EditorSession
from harness.debugging.source_files import SourceFiles
from harness.debugging.still_clock import StillClock
from harness.functions.shared.debug_link import DebugSetting

HOST = "127.0.0.1"
_WAITING = 64


class EditorDesk(StillClock):
    """Listens from `open` to `close`; a context manager. Its clock stands still while a function is stopped.

    `tell` shows a line to the user. If `waits` is true, `open` returns only after an editor has attached. One
    editor is attached at a time; another may attach after it disconnects.

    Raises:
        OSError: the port is not available.
    """

    def __init__(self, port: int, tell: Callable[[str], object], *, waits: bool = True) -> None:
        super().__init__()
        self.screen: Held | None = None  # functions are stopped in other processes, so the clock may continue
        self.files = SourceFiles()
        self._tell_user = tell
        self._waits = waits
        self._token = secrets.token_hex(16)
        self._numbers = itertools.count(1)
        self._session: EditorSession | None = None
        self._attached = threading.Event()
        self._debugged = 0
        self._counting = threading.Lock()
        self._closed = False
        self._editors = socket.create_server((HOST, port))
        self._functions = socket.create_server((HOST, 0), backlog=_WAITING)

    @property
    def port(self) -> int:
        """Return the port for the editor."""
        port: int = self._editors.getsockname()[1]
        return port

    @property
    def setting(self) -> DebugSetting:
        """Return the address for functions."""
        return {"port": self._functions.getsockname()[1], "token": self._token, "editor": True}

    def open(self) -> Self:
        """Start listening, and wait for an editor if requested."""
        for each in (self._serve_editors, self._serve_functions):
            threading.Thread(target=each, daemon=True).start()
        where = f"debugpy: attach an editor to {HOST}:{self.port}"
        try:
            self._tell_user(f"{where}; waiting (Ctrl-C stops this)" if self._waits else where)
            if self._waits:
                self._attached.wait()
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Stop listening, and notify the editor."""
        if self._closed:
            return
        self._closed = True
        for listener in (self._editors, self._functions):
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread
            listener.close()
        if self._session is not None:
            self._session.end()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *error: object) -> None:
        self.close()

    def _serve_editors(self) -> None:
        while (connection := self._accepted(self._editors)) is not None:
            session = EditorSession(Editor(connection), self.files)
            self._session = session
            threading.Thread(target=self._await, args=(session,), daemon=True).start()
            session.serve()

    def _await(self, session: EditorSession) -> None:
        session.configured.wait()
        self._attached.set()

    def _serve_functions(self) -> None:
        while (connection := self._accepted(self._functions)) is not None:
            debugged = Debugged(connection, next(self._numbers))
            threading.Thread(target=self._serve, args=(debugged,), daemon=True).start()

    def _accepted(self, listener: socket.socket) -> socket.socket | None:
        try:
            return listener.accept()[0]
        except OSError:  # the listener is closed
            return None

    def _serve(self, debugged: Debugged) -> None:
        """Read a function's messages."""
        with contextlib.suppress(EOFError, OSError, ValueError):
            hello = debugged.receive()
            if hello.get("token") == self._token:
                debugged.function = str(hello.get("who"))
                self._follow(debugged)
        debugged.close()

    def _follow(self, debugged: Debugged) -> None:
        session = self._session
        wanted = session.wanted_by(debugged) if session else None
        if session is None or wanted is None:
            debugged.want(None)
            return
        self._count(1)
        try:
            debugged.want(wanted)
            while True:
                message = debugged.receive()
                if "stopped" in message:
                    session.stopped(debugged, message["stopped"])
                elif "bound" in message:
                    session.bound(debugged, *message["bound"])
                elif "output" in message:
                    session.say(message["output"])
                else:
                    debugged.answered(message)
        finally:
            session.ended(debugged)
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._counting:
            self._debugged += more
            self.hold(self._debugged > 0)
