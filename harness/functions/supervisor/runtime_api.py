"""The Lambda Runtime API of one environment: HTTP on a port of its own, which is its identity.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Mapping

from .loop import Loop, Stream

_PREFIX = "/2018-06-01/runtime/"
_REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 404: "Not Found", 413: "Payload Too Large"}

Answer = Callable[[int, Mapping[str, str], bytes], None]
"""Answers a request: status, headers, body. May be called later (invocation/next waits)."""
Handler = Callable[[str, bytes, Answer], None]
"""Handles a request: its path below /2018-06-01/runtime/, its body, and how to answer."""


class RuntimeApi:
    """Listens for one environment's requests and keeps its connections alive."""

    def __init__(self, loop: Loop, handler: Handler) -> None:
        self._loop = loop
        self._handler = handler
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._streams: list[Stream] = []
        host, port = self._listener.getsockname()
        self.address = f"{host}:{port}"
        loop.watch(self._listener.fileno(), self._accept)

    def close(self) -> None:
        """Stop listening and drop the connections."""
        self._loop.unwatch(self._listener.fileno())
        self._listener.close()
        for stream in self._streams:
            stream.close()

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            parser = _Parser(self._handler)
            stream = Stream(self._loop, connection.detach(), parser.feed)
            parser.stream = stream
            self._streams.append(stream)


class _Parser:
    """The requests of one connection, one after the other."""

    stream: Stream

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._buffer = bytearray()
        self._head: tuple[str, int] | None = None

    def feed(self, data: bytes) -> None:
        self._buffer += data
        while True:
            if self._head is None:
                end = self._buffer.find(b"\r\n\r\n")
                if end < 0:
                    return
                self._head = _parse_head(bytes(self._buffer[:end]))
                del self._buffer[: end + 4]
            path, length = self._head
            if len(self._buffer) < length:
                return
            body = bytes(self._buffer[:length])
            del self._buffer[:length]
            self._head = None
            if path.startswith(_PREFIX):
                self._handler(path.removeprefix(_PREFIX), body, self._answer)
            else:
                self._answer(404, {}, b"")

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.stream.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def _parse_head(head: bytes) -> tuple[str, int]:
    """A request's path and the length of its body (the runtime clients always give it)."""
    lines = head.decode("latin-1").split("\r\n")
    length = 0
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
    return lines[0].split(" ")[1], length
