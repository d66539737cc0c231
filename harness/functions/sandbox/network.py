"""The network guard: a function reaches only the engine and the addresses in the `network` setting.

Python code is always guarded, by an audit hook that the code cannot remove. It gets an exception that names
the host. Other programs that a function starts are guarded with seccomp, by a separate process
(`supervisor.guard`). Each blocked address is written once to the function's log.
"""

from __future__ import annotations

import _thread
import contextlib
import errno
import os
import socket
import sys
from typing import Any

from ..shared import seccomp
from ..shared.guard_protocol import Listener
from ..shared.memory import used_bytes
from ..shared.own_sockets import is_socket_there, listens, listens_at
from ..shared.reach import (
    XRAY_DAEMON,
    Reach,
    Transport,
    addresses_of,
    is_this_machine,
    plain_host,
    refusal,
    refusal_of_socket,
)
from ..shared.sandbox_protocol import InvocationSetting, SandboxSpec
from . import audit
from .side_channel import SideChannel

_CHILDREN = ("subprocess.Popen", "os.posix_spawn", "os.system", "os.exec", "os.spawn")
_guard: PythonGuard | None = None


def install(spec: SandboxSpec, connection: int, side: SideChannel) -> str:
    """Start guarding this process and all processes that it starts.

    Args:
        spec: its `reach` and `network` are the allowed addresses.
        connection: the descriptor of the socket to `supervisor.guard`. This function closes it.
        side: receives the reason, once, when the function starts an unguarded program.

    Returns:
        The reason why programs are not guarded, or "" if they are.
    """
    global _guard  # noqa: PLW0603 - a process keeps one guard, because its hook cannot be removed
    with socket.socket(fileno=connection) as guard:
        reason = _hold_children(guard)
    _guard = PythonGuard(spec, side, reason)
    _replace_methods()
    return reason


def begin(_: InvocationSetting) -> None:
    """Start guarding an invocation, possibly in a fork of the guarded process."""
    if _guard is not None:
        _guard.begin()


class PythonGuard:
    """Raises ConnectionRefusedError for all other addresses, in Python's audit hook.

    `reason` is the reason why the function's programs are not guarded, or "" if they are.
    """

    def __init__(self, spec: SandboxSpec, side: SideChannel, reason: str) -> None:
        self._own = list(spec["reach"])  # the addresses for nearly all connections
        self._allowed = spec["network"]
        self._side = side
        self._reason = reason
        self._root = os.getpid()
        self._known: Reach | None = None
        self._said: set[str] = set()
        self._addresses: dict[str, frozenset[str]] = {}
        for event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            audit.on(event, self._connect)
        for event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
            audit.on(event, self._look_up)
        audit.on("socket.getnameinfo", self._look_up_name)
        for event in _CHILDREN if reason else ():
            audit.on(event, self._tell)

    def begin(self) -> None:
        """Begin an invocation, possibly in a fork, which has its own Runtime API address."""
        if self._root != os.getpid():
            self._root = os.getpid()
            self._own.append(os.environ["AWS_LAMBDA_RUNTIME_API"].partition("/")[0])
            self._known = None

    @property
    def _reach(self) -> Reach:
        if self._known is None:
            self._known = Reach.of(self._own, self._allowed)
        return self._known

    def _tell(self, _: str, __: tuple[Any, ...]) -> None:
        if self._reason:
            text = f"started programs, whose network and memory are not limited: {self._reason}"
            self._reason = ""
            self._side.send("note", {"text": text})

    def _connect(self, _: str, arguments: tuple[Any, ...]) -> None:
        connection, address = arguments
        if connection.family == socket.AF_UNIX:
            if address is not None:
                self._connect_unix(address)
            return
        if connection.family not in {socket.AF_INET, socket.AF_INET6} or not isinstance(address, tuple):
            return
        host, port = address[0], address[1]
        if not isinstance(host, str) or not isinstance(port, int):
            return  # this causes its own error
        if f"{host}:{port}" in self._own:
            return
        host = host or "0.0.0.0"  # noqa: S104
        if host == "<broadcast>":
            host = "255.255.255.255"
        kind: Transport = "udp" if connection.type == socket.SOCK_DGRAM else "tcp"
        if (host, port) == XRAY_DAEMON and kind == "udp":
            return  # `sendto` does not send it
        if self._reach.permits(host, port, self._resolve):
            return
        there = "127.0.0.1" if host == "localhost" else host
        if not (is_this_machine(there) and listens(self._root, kind, there, port)):
            self._refuse(refusal(host, port))

    def _connect_unix(self, address: str | bytes) -> None:
        path = os.fsdecode(address)
        if path.startswith("\0"):
            path = "@" + path[1:]
        if is_socket_there(self._root, path, os.getcwd()) and not listens_at(self._root, path, os.getcwd()):
            self._refuse(refusal_of_socket(path))

    def _look_up(self, _: str, arguments: tuple[Any, ...]) -> None:
        host, port = arguments[0], arguments[1] if len(arguments) > 1 else 0
        if isinstance(host, bytes | bytearray):
            host = bytes(host).decode(errors="replace")
        if not isinstance(host, str) or self._reach.permits_name(host):
            return
        if plain_host(host) == plain_host(socket.gethostname()):  # `getfqdn` ignores this error
            raise _refused(refusal(host, 0))
        number = int(port) if isinstance(port, int) or str(port or "").isdigit() else _PORTS.get(str(port), 0)
        self._refuse(refusal(host, number))

    def _look_up_name(self, _: str, arguments: tuple[Any, ...]) -> None:
        host = arguments[0][0]
        if not (self._reach.permits_name(host) and host.startswith(("127.", "::1"))):
            raise _refused(refusal(host, 0))

    def _resolve(self, name: str) -> frozenset[str]:
        self._addresses[name] = self._addresses.get(name, frozenset()) | addresses_of(name)
        return self._addresses[name]

    def _refuse(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            with contextlib.suppress(OSError):
                os.write(1, f"[harness] {message}\n".encode())
        raise _refused(message)


_PORTS = {"http": 80, "https": 443}


def _refused(message: str) -> ConnectionRefusedError:
    return ConnectionRefusedError(errno.ECONNREFUSED, message)


def _hold_children(guard: socket.socket) -> str:
    """Make a process of the supervisor check the connections of this process and its children.

    Return the reason why it cannot, or "" if it does. Forks have the same filter.
    """
    listening, sent = _thread.allocate_lock(), _thread.allocate_lock()
    listening.acquire()
    sent.acquire()
    found: list[int] = []

    def send() -> None:  # in a thread that is not guarded
        with listening, contextlib.suppress(OSError):
            if found:
                socket.send_fds(guard, [Listener(used_bytes()).packet()], found)
        sent.release()

    _thread.start_new_thread(send, ())
    reason = ""
    try:
        found.append(seccomp.listen())
    except seccomp.Unavailable as error:
        reason = str(error.strerror)
    listening.release()
    sent.acquire()
    for listener in found:
        os.close(listener)
    return reason


def _replace_methods() -> None:
    """Replace methods that return an error code instead of raising an exception, because the hook can only
    raise one.
    """
    connect, send = socket.socket.connect_ex, socket.socket.sendto

    def connect_ex(self: socket.socket, address: Any) -> int:
        try:
            return connect(self, address)
        except ConnectionRefusedError as error:
            return error.errno or errno.ECONNREFUSED

    def sendto(self: socket.socket, data: Any, *arguments: Any) -> int:
        if arguments and arguments[-1] == XRAY_DAEMON and self.type == socket.SOCK_DGRAM:
            return memoryview(data).nbytes
        return send(self, data, *arguments)

    replaced: Any = socket.socket
    replaced.connect_ex, replaced.sendto = connect_ex, sendto
