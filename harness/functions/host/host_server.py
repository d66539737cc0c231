"""A local server for functions' requests to a scenario's hosts, with or without TLS.

A function's environment begins each connection with a line of JSON, a Greeting. The data from the function's
client follows. Requests are read immediately, in real time. The scenario runner calls `Exchange.settle`,
which responds to a request at its time on the clock. Each connection is for one request.
"""

from __future__ import annotations

import hmac
import json
import secrets
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypedDict

from ..shared.hosts import HostEntry, HttpRequest
from .authority import Authority
from .http_reading import Malformed, answer_text, read_request

_TLS_HANDSHAKE: Final = b"\x16"
_GREETING_BYTES: Final = 4096
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: close() sends RST


class Greeting(TypedDict):
    """The first line on a connection: the intended host, and the invocation that opened the connection."""

    token: str
    connection: str
    request_id: str
    host: str
    trusted: bool
    virtual: bool


@dataclass(eq=False)
class Exchange:
    """A request from an invocation, which awaits the response. The request is None if the connection was
    closed without one.

    `chosen` is set by the scenario runner. It is the entry that will respond.
    """

    request_id: str
    host: str
    request: HttpRequest | None = None
    chosen: HostEntry | None = None
    arrived: threading.Event = field(default_factory=threading.Event)
    _answered: threading.Event = field(default_factory=threading.Event)
    _entry: HostEntry | None = None

    def settle(self, entry: HostEntry) -> None:
        """Respond to the request; only the first response counts."""
        self._entry = self._entry or entry
        self._answered.set()

    def entry(self) -> HostEntry:
        """Wait for the response."""
        self._answered.wait()
        assert self._entry is not None
        return self._entry


class HostServer:
    """The server's port. In real time, `answer` is called with each request, in a separate thread."""

    def __init__(self, answer: Callable[[Exchange], None]) -> None:
        self._answer = answer
        self.token = secrets.token_urlsafe(16)
        self.authority = Authority()
        self._exchanges: dict[str, Exchange] = {}
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="hosts", daemon=True).start()

    def forget(self) -> None:
        """End all open requests."""
        with self._changed:
            exchanges = list(self._exchanges.values())
            self._exchanges.clear()
        for each in exchanges:
            each.settle(HostEntry(-1, each.host, error="reset"))

    def exchange(self, connection: str) -> Exchange:
        """Return the exchange for a connection that an environment has opened and greeted."""
        with self._changed:
            self._changed.wait_for(lambda: connection in self._exchanges)
            return self._exchanges[connection]

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), name="host", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            greeting = self._greeted(connection)
            if greeting is None:
                return
            exchange = Exchange(greeting["request_id"], greeting["host"])
            with self._changed:
                self._exchanges[greeting["connection"]] = exchange
                self._changed.notify_all()
            try:
                with self._stream(connection, greeting) as stream:
                    self._exchange(stream, exchange, virtual=greeting["virtual"])
            except (Malformed, OSError):  # the client has disconnected, or does not trust the certificate
                pass
            finally:
                exchange.arrived.set()

    def _greeted(self, connection: socket.socket) -> Greeting | None:
        line = b""
        while not line.endswith(b"\n"):
            byte = connection.recv(1)
            if not byte or len(line) > _GREETING_BYTES:
                return None
            line += byte
        try:
            greeting: Greeting = json.loads(line)
            known = hmac.compare_digest(str(greeting["token"]).encode(), self.token.encode())
        except (ValueError, LookupError, TypeError):
            return None
        return greeting if known else None

    def _stream(self, connection: socket.socket, greeting: Greeting) -> socket.socket:
        if connection.recv(1, socket.MSG_PEEK) != _TLS_HANDSHAKE:
            return connection
        context = self.authority.context(greeting["host"], trusted=greeting["trusted"])
        return context.wrap_socket(connection, server_side=True)

    def _exchange(self, stream: socket.socket, exchange: Exchange, *, virtual: bool) -> None:
        with stream.makefile("rb") as received, stream.makefile("wb") as file:
            exchange.request = read_request(exchange.host, received, file)
            exchange.arrived.set()
            if not virtual:
                self._answer(exchange)
            entry = exchange.entry()
            if entry.error == "timeout":
                received.read(1)  # until the client gives up
            elif entry.error:
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            else:
                file.write(answer_text(entry, exchange.request.method))
                file.flush()
