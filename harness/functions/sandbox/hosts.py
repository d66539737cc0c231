"""Redirects connections to a scenario's hosts to the harness, whose CA is trusted in addition to others.

Looking up a host's name returns a loopback address. A connection to that address, or to the name itself, goes
to the harness's port, and begins with a greeting before the client's data. On virtual time, the first reader
requests the outcome from the harness. The response then arrives at the time on the clock that the scenario
sets. Connections from clients that do not use Python's sockets are not redirected.
"""

from __future__ import annotations

import _socket
import json
import socket
import ssl
from collections.abc import Iterable
from typing import Any

from ..shared.hosts import HostAnswered, HostSetting, plain_name
from ..shared.sandbox_protocol import InvocationSetting
from .baton import BATON, deadline_of
from .posting import post

_NEVER_S = 10.0**9
_real_connect: Any = _socket.socket.connect
_here: Hosts | None = None


def install(setting: HostSetting | None, first: InvocationSetting) -> None:
    """Start redirecting the hosts in `setting` to the harness. None means no hosts."""
    global _here  # noqa: PLW0603 - a process has one network
    if setting is None:
        return
    _here = Hosts(setting, first)
    _trust(setting["ca"])
    _replace(_here)


def addresses(setting: HostSetting | None) -> list[str]:
    """Return the address that serves the hosts, as `host:port`."""
    return [] if setting is None else [f"127.0.0.1:{setting['port']}"]


def begin(setting: InvocationSetting) -> None:
    """Assign subsequent connections to this invocation."""
    if _here is not None:
        _here.request_id, _here.virtual = setting["request_id"], setting["clock"] is not None


def before_read(connection: socket.socket) -> None:
    """Wait, on the clock, for the response that is about to be read. Raises TimeoutError."""
    if _here is None or not _here.virtual or connection.gettimeout() == 0:
        return
    if (found := _here.of(connection.fileno())) is not None:
        found.wait(connection.gettimeout())


def unanswered(fds: Iterable[int]) -> list[Connection]:
    """Return the connections to hosts among these descriptors that are still waiting for a response."""
    if _here is None or not _here.virtual:
        return []
    found = [known for fd in fds if (known := _here.of(fd)) is not None]
    return [each for each in found if not each.is_there]


class Connection:
    """A connection to a host.

    Attributes:
        end: its local address.
        due_us: the time of its response, once known and until it arrives.
        is_there: true if its response arrives without time passing on the clock.
    """

    def __init__(self, hosts: Hosts, name: str, end: Any) -> None:
        self._hosts = hosts
        self._name = name
        self.end = end
        self.due_us: int | None = None
        self.is_there = False

    def advance(self, *, wait: bool = False) -> bool:
        """Query the response, and take it once its time has come. With `wait`, wait for the request first.

        Return whether anything has changed.
        """
        if self.is_there:
            return False
        if self.due_us is None:
            answered = self._hosts.ask(connection=self._name, wait=wait)
            after_s = answered["after_s"]
            self.is_there = answered["known"] and after_s == 0
            if answered["known"] and after_s != 0:
                self.due_us = deadline_of(BATON.clock, after_s or _NEVER_S)
            return answered["known"]
        if self.due_us > BATON.clock.steady_us:
            return False
        self._hosts.ask(connection=self._name, release=True)
        self.due_us, self.is_there = None, True
        return True

    def wait(self, timeout_s: float | None) -> None:
        """Wait for the response on the clock. Raises TimeoutError."""
        deadline_us = deadline_of(BATON.clock, _NEVER_S if timeout_s is None else timeout_s)
        self.advance(wait=True)
        while self.due_us is not None and BATON.me() is not None:
            if deadline_us <= BATON.clock.steady_us:
                raise TimeoutError("The read operation timed out")
            BATON.wait(min(self.due_us, deadline_us))
            self.advance()


class Hosts:
    """The hosts of this process, and its connections to them."""

    def __init__(self, setting: HostSetting, first: InvocationSetting) -> None:
        self._setting = setting
        self.request_id = first["request_id"]
        self.virtual = first["clock"] is not None
        self._addresses = {_address(n): name for n, name in enumerate(setting["names"])}
        self._names = {name: address for address, name in self._addresses.items()}
        self._connections: dict[int, Connection] = {}
        self._made = 0

    def address(self, host: object) -> str | None:
        """Return the address that represents a host, or None for a host that is not redirected."""
        if isinstance(host, bytes | bytearray):
            host = bytes(host).decode(errors="replace")
        return self._names.get(plain_name(host)) if isinstance(host, str) else None

    def name(self, address: Any) -> str | None:
        """Return the host that a socket is about to connect to, or None for other addresses."""
        if not isinstance(address, tuple) or not address or not isinstance(address[0], str):
            return None
        return self._addresses.get(address[0]) or self._addresses.get(self.address(address[0]) or "")

    def of(self, fd: int) -> Connection | None:
        """Return the connection for a descriptor, or None for a different socket."""
        found = self._connections.get(fd)
        if found is None or _end(fd) == found.end:
            return found
        del self._connections[fd]  # it was closed, and the number was reused
        return None

    def connect(self, connection: socket.socket, host: str) -> None:
        """Connect a socket to a host. Raises OSError."""
        error = self.ask(connect=host)["error"] if host in self._setting["refusing"] else ""
        if error == "refused":
            raise ConnectionRefusedError(111, "Connection refused")
        timeout_s = connection.gettimeout()
        connection.settimeout(None)
        try:
            _real_connect(connection, ("127.0.0.1", self._setting["port"]))
            self._made += 1
            name = f"{self.request_id} {id(self):x} {self._made}"
            greeting = {
                "token": self._setting["token"],
                "connection": name,
                "request_id": self.request_id,
                "host": host,
                "trusted": error != "tls",
                "virtual": self.virtual,
            }
            _socket.socket.sendall(connection, json.dumps(greeting).encode() + b"\n")
        finally:
            connection.settimeout(timeout_s)
        fd = connection.fileno()
        self._connections[fd] = Connection(self, name, _end(fd))

    def ask(
        self, *, connect: str = "", connection: str = "", wait: bool = True, release: bool = False
    ) -> HostAnswered:
        """Send a query about a connection to the harness."""
        calling, BATON.calling = BATON.calling, True
        try:
            asked: dict[str, object] = {
                "request_id": self.request_id,
                "connect": connect,
                "connection": connection,
                "wait": wait,
                "release": release,
                "after": BATON.calls if BATON.active else [],
            }
            answered: Any = post(self._setting["url"], asked)
        finally:
            BATON.calling = calling
        found: HostAnswered = answered
        return found


def _address(number: int) -> str:
    """Return an unused loopback address for the host with this number."""
    return f"127.113.{number // 250 + 1}.{number % 250 + 1}"


def _end(fd: int) -> Any:
    """Return the local address of a descriptor's connection, or None if it is not connected."""
    try:
        connection = _socket.socket(fileno=fd)
    except OSError:
        return None
    try:
        return connection.getsockname()
    except OSError:
        return None
    finally:
        connection.detach()


def _trust(ca: str) -> None:
    """Make each TLS context that loads CAs trust our CA, too."""
    context: Any = ssl.SSLContext
    load, defaults = context.load_verify_locations, context.set_default_verify_paths

    def load_verify_locations(self: Any, *args: Any, **named: Any) -> None:
        load(self, *args, **named)
        load(self, cadata=ca)

    def set_default_verify_paths(self: Any) -> None:
        defaults(self)
        load(self, cadata=ca)

    context.load_verify_locations = load_verify_locations
    context.set_default_verify_paths = set_default_verify_paths


def _replace(hosts: Hosts) -> None:
    """Replace the functions that look up names and connect."""
    module: Any = socket
    replaced: Any = socket.socket
    getaddrinfo, by_name, by_name_ex = module.getaddrinfo, module.gethostbyname, module.gethostbyname_ex
    connect, connect_ex = replaced.connect, replaced.connect_ex

    def look_up(
        host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[Any]:
        address = hosts.address(host)
        found: list[Any] = getaddrinfo(address or host, port, family, type, proto, flags)
        return found

    def gethostbyname(hostname: Any) -> str:
        found: str = hosts.address(hostname) or by_name(hostname)
        return found

    def gethostbyname_ex(hostname: Any) -> Any:
        address = hosts.address(hostname)
        return by_name_ex(hostname) if address is None else (hostname, [], [address])

    def connect_socket(self: Any, address: Any) -> None:
        host = hosts.name(address)
        if host is None or self.type & 0xF != socket.SOCK_STREAM:
            connect(self, address)
        else:
            hosts.connect(self, host)

    def connect_number(self: Any, address: Any) -> int:
        host = hosts.name(address)
        if host is None or self.type & 0xF != socket.SOCK_STREAM:
            number: int = connect_ex(self, address)
            return number
        try:
            hosts.connect(self, host)
        except OSError as error:
            return error.errno or 111
        return 0

    look_up.__name__ = "getaddrinfo"
    module.getaddrinfo, module.gethostbyname = look_up, gethostbyname
    module.gethostbyname_ex = gethostbyname_ex
    replaced.connect, replaced.connect_ex = connect_socket, connect_number
