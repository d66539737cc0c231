"""The Debug Adapter Protocol on a socket: JSON after a header that contains its length.

https://microsoft.github.io/debug-adapter-protocol/overview#base-protocol
"""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Mapping
from typing import Any

_LONGEST = 1 << 26
_HEADERS = (b"content-length", b"content-type")


class Editor:
    """An editor's connection. Any thread may send. Methods raise OSError when the connection is closed."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def request(self) -> dict[str, Any] | None:
        """Wait for a request; return None if the editor has disconnected.

        Raises:
            ValueError: it is not a valid request in the protocol, for example a web page's request from a
            browser.
        """
        length = 0
        while line := self._reader.readline(1 << 10).strip():
            name, _, value = line.partition(b":")
            if name.lower() not in _HEADERS:
                raise ValueError(f"{line!r} is not a header of the protocol")
            if name.lower() == b"content-length":
                length = int(value)
        if not 0 < length <= _LONGEST:
            return None
        message = json.loads(self._reader.read(length))
        return dict(message)

    def respond(self, request: Mapping[str, Any], body: Mapping[str, object]) -> None:
        """Respond to a request."""
        self._send({**_answering(request), "success": True, "body": body})

    def refuse(self, request: Mapping[str, Any], text: str) -> None:
        """Reject a request with a message."""
        body = {"error": {"id": 1, "format": "{text}", "variables": {"text": text}, "showUser": False}}
        self._send({**_answering(request), "success": False, "message": text, "body": body})

    def tell(self, event: str, body: Mapping[str, object] | None = None) -> None:
        """Send an event."""
        self._send({"type": "event", "event": event, "body": body or {}})

    def close(self) -> None:
        """Close the connection, and wake the thread that is waiting for a request."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _send(self, message: Mapping[str, object]) -> None:
        with self._lock:
            data = json.dumps({"seq": next(self._numbers), **message}).encode()
            self._connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))


def _answering(request: Mapping[str, Any]) -> dict[str, object]:
    return {"type": "response", "request_seq": request.get("seq", 0), "command": request.get("command", "")}
