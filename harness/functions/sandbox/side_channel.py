"""A sandbox's connection to the supervisor beside the Runtime API: JSON objects in both directions.

It is a separate socket, never stdout. For the messages see `shared.sandbox_protocol`.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping

from ..shared.sandbox_protocol import InvocationSetting, ReportKind


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

    def invocation(self, request_id: str) -> InvocationSetting:
        """Take the setting of an invocation, which the supervisor sends before it hands the invocation over.

        An event that is tried again has the id of the first attempt.

        Raises:
            EOFError: the supervisor has gone.
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
