"""A request to the virtual time server, which patches in the function's code cannot affect."""

from __future__ import annotations

import _socket
import json
from typing import Any
from urllib.parse import urlsplit


def post(url: str, asked: dict[str, object]) -> dict[str, Any]:
    """Send a JSON object, and wait for the response, without a timeout.

    Raises:
        OSError: the server is no longer running.
        RuntimeError: the request is rejected.
    """
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    body = json.dumps(asked).encode()
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        connection.settimeout(None)  # the function may have changed the default
        connection.connect((parts.hostname, parts.port or 80))
        connection.sendall(head.encode() + body)
        status, text = _read(connection)
    finally:
        connection.close()
    if status != 200:
        raise RuntimeError(f"The virtual clock responded with {status}: {text.decode(errors='replace')}")
    answer: dict[str, Any] = json.loads(text)
    return answer


def _read(connection: _socket.socket) -> tuple[int, bytes]:
    received = b""
    while data := connection.recv(1 << 16):
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    if not head:
        raise ConnectionResetError("the virtual clock closed the connection")
    return int(head.split(b" ", 2)[1]), body
