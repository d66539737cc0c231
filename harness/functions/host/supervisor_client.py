"""The host's end of a supervisor: starts its process, asks it, ends it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import replace
from itertools import count
from pathlib import Path

from ..shared.channel import Message, messages
from ..shared.interpreter import StartMethod, hash_variables, python_command
from ..shared.variables import base_variables

SUPERVISOR = "harness.functions.supervisor.supervisor"
"""The module that runs in the supervisor's process; nothing of it is imported here."""

_END_S = 10.0


class FunctionRuntimeError(Exception):
    """The function runtime itself failed, not a function: it is closed, or could not start a process."""


class SupervisorClient:
    """A supervisor and what it may be asked; any thread may ask.

    `folder` has the runtime and the clock; `python` is the interpreter that it and its environments run on;
    `world` decides in which order these have the members of a set. `answer` is called with what the
    supervisor asks, and must not wait.
    """

    def __init__(
        self,
        folder: Path,
        method: StartMethod | None,
        answer: Callable[[Message], Message],
        python: str = sys.executable,
        world: int = 0,
    ) -> None:
        self._answer = answer
        self._numbers = count(1)
        self._open: dict[int, Future[Message]] = {}
        self._lock = threading.Lock()
        self._closed = self._gone = False
        self._connection, theirs = socket.socketpair()
        method = method or ("fork" if sys.platform == "linux" else "spawn")
        with theirs:
            self.process = subprocess.Popen(
                python_command(SUPERVISOR, str(theirs.fileno()), str(folder), method, python=python),
                env=base_variables() | hash_variables(world),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is the host's affair
            )
        threading.Thread(target=self._receive, name="supervisor", daemon=True).start()

    def ask(self, message: Message) -> Message:
        """The supervisor's reply.

        Raises:
            FunctionRuntimeError: it has ended, or it could not start an environment.
        """
        number = next(self._numbers)
        reply: Future[Message] = Future()
        with self._lock:
            if self._closed or self._gone:
                raise self._ended()
            self._open[number] = reply
        try:
            self.tell(replace(message, number=number))
            answer = reply.result()
        finally:
            del self._open[number]
        if answer.kind == "failed":
            raise FunctionRuntimeError(f"Could not start an environment: {answer.fields['reason']}")
        return answer

    def tell(self, message: Message) -> None:
        """Send something that is not answered. Raises FunctionRuntimeError when it has ended."""
        data = message.encode()
        try:
            with self._lock:
                self._connection.sendall(data)
        except OSError as error:
            raise self._ended() from error

    def close(self) -> bool:
        """End it with all that it has started; tells whether it was not closed before."""
        with self._lock:
            if self._closed:
                return False
            self._closed = True
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return True

    def _receive(self) -> None:
        with contextlib.suppress(OSError), self._connection:
            for message in messages(self._connection):
                if reply := self._open.get(message.number):
                    reply.set_result(message)
                else:
                    with contextlib.suppress(FunctionRuntimeError):
                        self.tell(self._answer(message))
        if not self._closed:
            self._status(os.WEXITED)
        with self._lock:
            self._gone = True
            for reply in [*self._open.values()]:
                with contextlib.suppress(InvalidStateError):
                    reply.set_exception(self._ended())

    def _ended(self) -> FunctionRuntimeError:
        ended = "has been closed" if self._closed else f"ended ({self._status(os.WEXITED | os.WNOHANG)})"
        return FunctionRuntimeError(f"The function runtime {ended}")

    def _status(self, options: int) -> int | None:
        """Its exit status, negative for a signal, None while it lives.

        Only `close` reaps it: whoever is told of its end by SIGCHLD asks afterwards by what it ended.
        """
        try:
            ended = os.waitid(os.P_PID, self.process.pid, options | os.WNOWAIT)
        except ChildProcessError:
            return self.process.returncode
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
