"""The host's end of a supervisor: starts its process, sends requests to it, and terminates it."""

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
"""The module that runs in the supervisor's process; this process imports nothing from it."""

_END_S = 10.0


class FunctionRuntimeError(Exception):
    """The function runtime itself failed, not a function: the runtime is closed, or could not start a
    process.
    """


class SupervisorClient:
    """A client of a supervisor. Thread-safe.

    `folder` contains the runtime and the clock. `python` is the interpreter of the supervisor and its
    environments. `world` determines the order of sets in them. `answer` is called with the supervisor's
    requests, and must not block.
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
                start_new_session=True,  # the host handles Ctrl-C
            )
        threading.Thread(target=self._receive, name="supervisor", daemon=True).start()

    def ask(self, message: Message) -> Message:
        """Send a request and return the supervisor's reply.

        Raises:
            FunctionRuntimeError: it has exited, or it could not start an environment.
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
        """Send a message that has no reply. Raises FunctionRuntimeError if the supervisor has exited."""
        data = message.encode()
        try:
            with self._lock:
                self._connection.sendall(data)
        except OSError as error:
            raise self._ended() from error

    def close(self) -> bool:
        """Terminate the supervisor and every process that it started; return whether it was still open."""
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
        """Return the supervisor's exit status: negative for a signal, None while it is running.

        Only `close` reaps the supervisor. A SIGCHLD handler can therefore still read its exit status.
        """
        try:
            ended = os.waitid(os.P_PID, self.process.pid, options | os.WNOWAIT)
        except ChildProcessError:
            return self.process.returncode
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
