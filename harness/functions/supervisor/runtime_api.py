"""The Lambda Runtime API for all environments: HTTP on one port, with a different secret in each path.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Callable, Mapping

from .loop import Loop, Stream

_PREFIX = "/2018-06-01/runtime/"
_REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 404: "Not Found", 413: "Payload Too Large"}
_HEAD_BYTES = 1 << 21  # awslambdaric sends up to 1 MB of X-Ray causes in a header
_BODY_BYTES = 1 << 30  # a response that exceeds Lambda's limit is read before it is rejected

Answer = Callable[[int, Mapping[str, str], bytes], None]
"""A function that responds to a request with a status, headers and a body. May be called later, because
invocation/next waits.
"""
Handler = Callable[[str, bytes, Answer], None]
"""A request handler: receives the path below /2018-06-01/runtime/, the body, and the function that responds.
"""


class RuntimeApi:
    """Listens for requests from environments and keeps their connections alive.

    A connection that sends anything other than an environment's request is dropped.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._handlers: dict[str, Handler] = {}
        self._connections: dict[str, set[_Connection]] = {}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._listener.setblocking(False)
        host, port = self._listener.getsockname()
        self._address = f"{host}:{port}"
        loop.watch(self._listener.fileno(), self._accept)

    def open(self, handler: Handler) -> str:
        """Serve an environment; return its secret address, `host:port/secret`."""
        secret = secrets.token_hex(16)
        self._handlers[secret] = handler
        self._connections[secret] = set()
        return f"{self._address}/{secret}"

    def close(self, address: str) -> None:
        """Stop serving an environment, and drop its connections."""
        secret = address.rpartition("/")[2]
        self._handlers.pop(secret, None)
        for connection in self._connections.pop(secret, ()):
            connection.stream.close()

    def handler(self, connection: _Connection, path: str) -> tuple[Handler, str] | None:
        """Return the request's handler and path, or None if it is not from an environment."""
        secret, _, rest = path.removeprefix("/").partition("/")
        handler = self._handlers.get(secret)
        if handler is None or not f"/{rest}".startswith(_PREFIX):
            return None
        self._connections[secret].add(connection)
        connection.secret = secret
        return handler, f"/{rest}".removeprefix(_PREFIX)

    def forget(self, connection: _Connection) -> None:
        """Handle the end of a connection."""
        self._connections.get(connection.secret, set()).discard(connection)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the caller has disconnected, or there are too many connections
            accepted, _ = self._listener.accept()
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(self)
            connection.stream = Stream(
                self._loop, accepted.detach(), connection.feed, lambda: self.forget(connection)
            )


class _Connection:
    """The requests on one connection, in sequence."""

    stream: Stream
    secret = ""  # the environment that it belongs to, once known

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._buffer = bytearray()
        self._head: tuple[Handler, str, int] | None = None

    def feed(self, data: bytes) -> None:
        """Handle received data; a malformed request ends the connection."""
        self._buffer += data
        try:
            while self._next():
                pass
        except _MalformedError:
            self.stream.close()
            self._api.forget(self)

    def _next(self) -> bool:
        """Handle the first request in the buffer, if it is complete. Raises _MalformedError."""
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > _HEAD_BYTES:
                    raise _MalformedError
                return False
            path, length = _parse_head(bytes(self._buffer[:end]))
            found = self._api.handler(self, path)
            if found is None:
                raise _MalformedError
            self._head = (*found, length)
            del self._buffer[: end + 4]
        handler, path, length = self._head
        if len(self._buffer) < length:
            return False
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._head = None
        handler(path, body, self._answer)
        return True

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.stream.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


class _MalformedError(Exception):
    """The received bytes are not an environment's request."""


def _parse_head(head: bytes) -> tuple[str, int]:
    """Return a request's path and the length of its body (runtime clients always send it).

    Raises _MalformedError.
    """
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[1].startswith("/"):
        raise _MalformedError
    length = "0"
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = value.strip()
    if not length.isdecimal() or not length.isascii() or len(length) > 12 or int(length) > _BODY_BYTES:
        raise _MalformedError
    return words[1], int(length)
