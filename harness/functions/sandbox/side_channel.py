"""A sandbox's connection to the supervisor, separate from the Runtime API: JSON objects in both directions.

It is always a socket, never stdout. For the messages, see `shared.sandbox_protocol`.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping

from ..shared.sandbox_protocol import ForkSpec, InvocationSetting, ReportKind


class SideChannel:
    """The sandbox's end of the channel. Thread-safe.

    `before`, if set, is called before each report, because the process may be killed after the report.
    """

    before: Callable[[], None] | None = None
    aside = False
    """True while the process is a template, whose reports are not read."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._invocation: InvocationSetting | None = None
        self._unread = b""
        self._lock = threading.Lock()

    def send(self, kind: ReportKind, value: Mapping[str, object]) -> None:
        """Send one report to the supervisor."""
        if self.before is not None and not self.aside:
            self.before()
        self.tell(kind, value)

    def tell(self, kind: ReportKind, value: Mapping[str, object]) -> None:
        """Send one report, without calling `before`."""
        line = json.dumps({kind: value}).encode() + b"\n"
        with self._lock:
            self._connection.sendall(line)

    def fork_request(self) -> tuple[ForkSpec, list[int]]:
        """Wait for the supervisor's next fork request to a template; return it with its descriptors.

        Raises:
            EOFError: the supervisor has exited.
        """
        data, descriptors, _, _ = socket.recv_fds(self._connection, 1 << 16, 2)
        while data and not data.endswith(b"\n"):
            more = self._connection.recv(1 << 16)
            data = data + more if more else b""
        if not data:
            raise EOFError
        spec: ForkSpec = json.loads(data)["fork"]
        return spec, descriptors

    def answer_fork(self, pid: int) -> None:
        """Send the fork's process ID to the supervisor."""
        self._connection.sendall(json.dumps({"forked": pid}).encode() + b"\n")

    def invocation(self, request_id: str) -> InvocationSetting:
        """Receive the setting for an invocation, which the supervisor sends before the invocation.

        A retried event has the ID of the first attempt.

        Raises:
            EOFError: the supervisor has exited.
        """
        with self._lock:
            while self._invocation is None or self._invocation["request_id"] != request_id:
                self._receive()
            setting, self._invocation = self._invocation, None
            return setting

    def _receive(self) -> None:
        data = self._connection.recv(1 << 16)
        if not data:
            raise EOFError
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._invocation = json.loads(line)["invocation"]
