"""The host's end of a supervisor: starts its process, asks it over several connections, ends it."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import threading
from pathlib import Path

from ..shared.channel import Message, receive
from ..shared.interpreter import StartMethod, python_command
from ..shared.variables import base_variables

SUPERVISOR = "harness.functions.supervisor.supervisor"
"""The module that runs in the supervisor's process; nothing of it is imported here."""

_MAX_CONNECTIONS = 512  # and half of the files that may be open; further callers wait for one of them
_END_S = 10.0


class FunctionRuntimeError(Exception):
    """The function runtime itself failed, not a function: it is closed, or could not start a process."""


class SupervisorClient:
    """A supervisor and what it may be asked; any thread may ask.

    `folder` has the runtime and the clock; `python` is the interpreter that it and its environments run on.
    """

    def __init__(
        self,
        folder: Path,
        method: StartMethod | None,
        max_environments: int | None,
        python: str = sys.executable,
    ) -> None:
        self._free: list[socket.socket] = []
        self._lock = threading.Lock()
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._slots = threading.BoundedSemaphore(max(min(_MAX_CONNECTIONS, files // 2), 1))
        self._closed = False
        self._control, theirs = socket.socketpair()
        method = method or ("fork" if sys.platform == "linux" else "spawn")
        with theirs:
            command = python_command(
                SUPERVISOR,
                str(theirs.fileno()),
                str(folder),
                method,
                str(max_environments or 0),
                python=python,
            )
            self.process = subprocess.Popen(
                command,
                env=base_variables(),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is the host's affair
            )

    def ask(self, message: Message) -> Message:
        """The supervisor's reply.

        Raises:
            FunctionRuntimeError: it has ended, or it could not start an environment.
        """
        with self._slots:
            try:
                connection = self._connection()
                try:
                    connection.sendall(message.encode())
                    reply = receive(connection)
                except BaseException:
                    connection.close()
                    raise
            except (OSError, EOFError) as error:
                ended = "has been closed" if self._closed else f"ended ({self.process.poll()})"
                raise FunctionRuntimeError(f"The function runtime {ended}") from error
            self._give_back(connection)
        if reply.kind == "failed":
            raise FunctionRuntimeError(f"Could not start an environment: {reply.fields['reason']}")
        return reply

    def close(self) -> bool:
        """End it with all that it has started; tells whether it was not closed before."""
        with self._lock:
            if self._closed:
                return False
            self._closed = True
            free, self._free = self._free, []
        self._control.close()
        for connection in free:
            connection.close()
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return True

    def _connection(self) -> socket.socket:
        with self._lock:
            if self._free:
                return self._free.pop()
            ours, theirs = socket.socketpair()
            with theirs:
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
            return ours

    def _give_back(self, connection: socket.socket) -> None:
        with self._lock:
            if self._closed:
                connection.close()
            else:
                self._free.append(connection)
