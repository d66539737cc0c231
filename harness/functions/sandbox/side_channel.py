"""A sandbox's connection to the supervisor beside the Runtime API: JSON objects in both directions.

It is a separate socket, never stdout. For the messages see `shared.sandbox_protocol`.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping

from ..shared.sandbox_protocol import ForkSpec, InvocationSetting, ReportKind


class SideChannel:
    """The sandbox's end; any thread may use it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._invocation: InvocationSetting | None = None
        self._unread = b""
        self._lock = threading.Lock()

    def send(self, kind: ReportKind, value: Mapping[str, object]) -> None:
        """Send one report to the supervisor."""
        line = json.dumps({kind: value}).encode() + b"\n"
        with self._lock:
            self._connection.sendall(line)

    def fork_request(self) -> tuple[ForkSpec, list[int]]:
        """Wait for the next fork that the supervisor asks of a template; gives its descriptors, too.

        Raises:
            EOFError: the supervisor has gone.
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
        """Tell the supervisor the process that is the fork."""
        self._connection.sendall(json.dumps({"forked": pid}).encode() + b"\n")

    def invocation(self, request_id: str) -> InvocationSetting:
        """The setting of an invocation, which the supervisor sends before it hands the invocation over.

        Raises:
            EOFError: the supervisor has gone.
        """
        with self._lock:
            while self._invocation is None or self._invocation["request_id"] != request_id:
                self._receive()
            return self._invocation

    def _receive(self) -> None:
        data = self._connection.recv(1 << 16)
        if not data:
            raise EOFError
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._invocation = json.loads(line)["invocation"]
