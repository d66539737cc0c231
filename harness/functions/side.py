"""Inside an environment: its line to the supervisor beside the Runtime API, JSON objects in both directions.

It is a socket of its own, never stdout. What is sent is one object with one key, which says what it is.
"""

from __future__ import annotations

import json
import socket
import threading
from typing import Any


class Side:
    """The environment's end; any thread may use it. `faults` are those at the start."""

    def __init__(self, connection: socket.socket, faults: list[dict[str, Any]]) -> None:
        self._connection = connection
        self._faults = faults
        self._clock: dict[str, Any] = {"request_id": ""}
        self._unread = b""
        self._lock = threading.Lock()

    def send(self, kind: str, value: dict[str, Any]) -> None:
        """Tell the supervisor `value`."""
        line = json.dumps({kind: value}).encode() + b"\n"
        with self._lock:
            self._connection.sendall(line)

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are to be injected now."""
        with self._lock:
            try:
                while self._receive(socket.MSG_DONTWAIT):
                    pass
            except BlockingIOError:
                pass
            return self._faults

    def clock(self, request_id: str) -> dict[str, Any]:
        """How the clock stands for an invocation, which the supervisor tells before it hands it over."""
        with self._lock:
            while self._clock["request_id"] != request_id and self._receive(0):
                pass
            return self._clock

    def _receive(self, flags: int) -> bool:
        """Take in what has come; False at the end."""
        data = self._connection.recv(1 << 16, flags)
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self._faults = message.get("faults", self._faults)
            self._clock = message.get("clock", self._clock)
        return bool(data)
