"""Waits for descriptors, during which the baton is passed on: select, poll, epoll, selectors, local sockets.

Their timeouts are measured on the clock. A wait for the engine's response is in real time and has no limit.
"""

from __future__ import annotations

import _socket
import _thread
import select
import selectors
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from ..shared.reach import address_of
from . import hosts
from .baton import BATON, deadline_of
from .children import has_children

_real_select = select.select
_real_poll: Any = getattr(select, "poll", None)
_real_epoll: Any = getattr(select, "epoll", None)
_OF_SOCKETS: Final = ("accept", "recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg")
_engines: set[tuple[str, int]] = set()
_others: set[tuple[str, int]] = set()


def serve_by(addresses: Iterable[tuple[str, int]]) -> None:
    """Set the hosts and ports at which the harness serves this process."""
    _engines.clear()
    _engines.update(addresses)


def reach(addresses: Iterable[str]) -> None:
    """Set other servers that this process waits for in real time, each as `host:port`."""
    for host, port in map(address_of, addresses):
        _others.update((each, port) for each in (("127.0.0.1", "::1") if host == "localhost" else (host,)))


def is_served(host: str, port: int) -> bool:
    """Return whether the harness serves an address; AWS clients may add prefixes to its host."""
    return any(port == each and (host == name or host.endswith(f".{name}")) for name, each in _engines)


def _wait(
    look: Callable[[float | None], Any], timeout_s: float | None, fds: Callable[[], Sequence[int]]
) -> Any:
    """Wait until `look`, which takes a real timeout, returns a result. Return an empty result after the
    timeout.

    A call to the harness that keeps the baton also keeps it during this wait, for example for "100
    Continue".
    """
    found = look(0)
    if found or (timeout_s is not None and timeout_s <= 0):
        if not found:
            BATON.polled(1)
        return found
    if BATON.calling and all(_takes_real_time(fd) for fd in fds()):
        return look(None)
    deadline_us = None if timeout_s is None else deadline_of(BATON.clock, timeout_s)
    if asked := hosts.unanswered(fds()):
        return _wait_for_hosts(look, deadline_us, asked)
    kind = ""  # the engine's connections are known when the wait begins
    if any(_takes_real_time(fd) for fd in fds()):
        kind = "engine"

    def real() -> str:
        return kind or ("paced" if has_children() else "")

    return BATON.watch(lambda: look(0) or None, deadline_us, real) or look(0)


def _wait_for_hosts(
    look: Callable[[float | None], Any], deadline_us: int | None, asked: Sequence[hosts.Connection]
) -> Any:
    """Wait like `_wait`, but also for connections to hosts.

    Their bytes arrive in real time until the request is complete. The response arrives at its time on the
    clock.
    """

    def check() -> Any:
        found = look(0)
        if found:
            return found
        return _AGAIN if sum(each.advance() for each in asked) else None

    def real() -> str:
        return "" if any(each.due_us is not None for each in asked) else "engine"

    while True:
        moments = [each.due_us for each in asked if each.due_us is not None]
        moments += [] if deadline_us is None else [deadline_us]
        found = BATON.watch(check, min(moments, default=None), real)
        if found is not _AGAIN and found is not None:
            return found
        if deadline_us is not None and deadline_us <= BATON.clock.steady_us:
            return look(0)


_AGAIN: Final = object()


def _takes_real_time(fd: int) -> bool:
    """Return whether a descriptor is connected to the harness, a different machine, or an allowed address."""
    try:
        connection = _socket.socket(fileno=fd)
    except OSError:
        return False
    try:
        return _is_waited_for_really(connection)
    finally:
        connection.detach()


def _is_waited_for_really(connection: _socket.socket) -> bool:
    try:
        peer = connection.getpeername()
    except OSError:
        return False
    if not isinstance(peer, tuple) or len(peer) < 2:
        return False
    known = peer[:2] in _engines or peer[:2] in _others
    return known or not (peer[0].startswith("127.") or peer[0] in ("::1", ""))


def _flat(selected: tuple[list[Any], list[Any], list[Any]]) -> Any:
    return selected if any(selected) else ()


def virtual_select(
    rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None, /
) -> tuple[list[Any], list[Any], list[Any]]:
    """Replace `select.select`."""
    if BATON.me() is None or (timeout is not None and timeout < 0):
        return _real_select(rlist, wlist, xlist, timeout)
    given = list(rlist), list(wlist), list(xlist)

    def fds() -> list[int]:
        return [each if isinstance(each, int) else each.fileno() for some in given for each in some]

    found = _wait(lambda timeout_s: _flat(_real_select(*given, timeout_s)), timeout, fds)
    return found or ([], [], [])


class _Polling:
    """A replacement for a polling object; `unit` is the unit of its timeouts, in seconds."""

    def __init__(self, real: Any, unit: float) -> None:
        self._real = real
        self._unit = unit
        self._fds: dict[int, None] = {}

    def register(self, fd: Any, *events: int) -> None:
        """Start watching a descriptor."""
        self._real.register(fd, *events)
        self._fds[fd if isinstance(fd, int) else fd.fileno()] = None

    def unregister(self, fd: Any) -> None:
        """Stop watching a descriptor."""
        self._fds.pop(fd if isinstance(fd, int) else fd.fileno(), None)
        self._real.unregister(fd)

    def poll(self, timeout: float | None = None, *most: int) -> list[tuple[int, int]]:
        """Wait for events."""
        if BATON.me() is None:
            return self._poll(timeout, *most)
        timeout_s = None if timeout is None or timeout < 0 else timeout * self._unit
        return _wait(lambda real_s: self._poll(real_s, *most), timeout_s, lambda: list(self._fds)) or []

    def _poll(self, timeout: float | None, *most: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = self._real.poll(timeout, *most)
        return found

    def __enter__(self) -> _Polling:
        self._real.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._real.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _poll(*args: Any) -> _Polling:
    return _Polling(_real_poll(*args), 0.001)


def _epoll(*args: Any, **named: Any) -> _Polling:
    return _Polling(_real_epoll(*args, **named), 1)


_epoll.fromfd = lambda *args: _Polling(_real_epoll.fromfd(*args), 1)  # type: ignore[attr-defined]


def _exact(events: Callable[[Any, Any], list[Any]]) -> Callable[..., Any]:
    """Wrap a selector's `select`, so that it does not round its timeout up to milliseconds."""

    def chosen(self: Any, timeout: float | None = None) -> Any:
        if BATON.me() is None or timeout is None:
            return events(self, timeout)
        return _wait(lambda real_s: events(self, real_s), timeout, lambda: list(self._fd_to_key)) or []

    return chosen


def _of_socket(name: str) -> Callable[..., Any]:
    inherited = getattr(socket.socket, name)

    def patient(self: Any, *args: Any, **named: Any) -> Any:
        hosts.before_read(self)
        if BATON.active:
            name = BATON.senders.get(_thread.get_ident())
            if name is not None:
                return _answer(name, self, *args, **named)
            _await_readable(self, *args)
        return inherited(self, *args, **named)

    def _answer(name: str, self: Any, *args: Any, **named: Any) -> Any:
        BATON.sending.discard(name)
        try:
            return inherited(self, *args, **named)
        finally:
            BATON.sending.add(name)

    patient.__name__, patient.__doc__ = name, inherited.__doc__
    return patient


def _await_readable(connection: socket.socket, *args: Any) -> None:
    """Wait through the baton before a call that would block, unless the harness sends the data."""
    timeout_s = connection.gettimeout()
    if timeout_s == 0 or BATON.me() is None:
        return
    fd = connection.fileno()
    if fd < 0 or _is_waited_for_really(connection):
        return
    found = _wait(lambda real_s: _flat(_real_select([fd], [], [], real_s)) or None, timeout_s, lambda: [fd])
    if not found and timeout_s is not None:
        raise TimeoutError("timed out")


_real_read_tls: Any = ssl.SSLSocket.read


def _read_tls(self: Any, *args: Any, **named: Any) -> Any:
    """Replace `ssl.SSLSocket.read`, through which all data on a TLS connection is read."""
    if not self.pending():
        hosts.before_read(self)
    return _real_read_tls(self, *args, **named)


def replacements() -> list[tuple[object, str, object]]:
    """Return the replacements: module or class, name, and replacement."""
    found: list[tuple[object, str, object]] = [(select, "select", virtual_select)]
    found += [(socket.socket, name, _of_socket(name)) for name in _OF_SOCKETS]
    found.append((ssl.SSLSocket, "read", _read_tls))
    selector: Any = selectors.SelectSelector
    found.append((selector, "_select", staticmethod(virtual_select)))
    for name, stand_in in (("poll", _poll), ("epoll", _epoll)):
        if hasattr(select, name):
            selector = getattr(selectors, f"{name.capitalize()}Selector")
            found += [
                (select, name, stand_in),
                (selector, "_selector_cls", staticmethod(stand_in)),
                (selector, "select", _exact(selector.select)),
            ]
    return found
