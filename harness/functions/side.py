"""Inside an environment: its line to the supervisor beside the Runtime API, JSON objects in both directions.

It is a socket of its own, never stdout. What is sent is one object with one key, which says what it is.
"""

from __future__ import annotations

import json
import socket
import threading
from typing import Any


class Side:
    """The environment's end; any thread may use it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._invocation: dict[str, Any] = {"request_id": ""}
        self._unread = b""
        self._lock = threading.Lock()

    def send(self, kind: str, value: dict[str, Any]) -> None:
        """Tell the supervisor `value`."""
        line = json.dumps({kind: value}).encode() + b"\n"
        with self._lock:
            self._connection.sendall(line)

    def invocation(self, request_id: str) -> dict[str, Any]:
        """What the supervisor tells of an invocation before it hands it over.

        Its `request_id`, how its `clock` stands (None: it is the real time), its `faults`, and the `bucket`
        that its payload names.
        """
        with self._lock:
            while self._invocation["request_id"] != request_id and self._receive():
                pass
            return self._invocation

    def _receive(self) -> bool:
        """Take in what has come, and wait for it; False at the end."""
        data = self._connection.recv(1 << 16)
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._invocation = json.loads(line)["invocation"]
        return bool(data)
