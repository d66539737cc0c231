"""The guard of the network: a process that decides about what functions and their children connect to.

It is a fork of the supervisor. Each environment hands it the notifications of its seccomp filter (see
`shared.seccomp`), and the supervisor tells it what the environment may reach. A program that connects to something
else gets "Connection refused", and the function's log a line with the address. Names are kept from name servers
that way. What is checked is what the program names when it asks: one that changes the address from another thread
in that moment is not held.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import select
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..shared import lifeline, seccomp
from ..shared.network_protocol import LISTENER, PACKET_BYTES, registered, registration
from ..shared.own_sockets import has_listener, is_socket_there, listens, listens_at
from ..shared.reach import XRAY_DAEMON, Reach, addresses_of, is_this_machine, refusal, refusal_of_socket
from .socket_arguments import Destination, Unreadable, destinations

_SILENT = ("/nscd/socket", "/systemd/resolve/", "/systemd/userdb/", "/dbus/")
"""Parts of the paths of sockets that the C library itself tries."""

_COMMAND_BYTES = 4096
_HOST = re.compile(r"[a-z]+://(?:[^@/\s]*@)?([\w.-]+|\[[\da-f:]+\])", re.IGNORECASE)


class NetworkGuard:
    """The supervisor's end of the guard."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.pid = os.fork()
            if self.pid == 0:
                with contextlib.suppress(BaseException):
                    _be_guard(theirs)
                os._exit(1)

    @classmethod
    def start(cls) -> NetworkGuard | None:
        """Start one; None where there is no seccomp."""
        return cls() if seccomp.NUMBERS is not None else None

    @property
    def descriptor(self) -> int:
        """The descriptor by which an environment hands over its notifications."""
        return self._socket.fileno()

    def add(self, pid: int, own: list[str], allowed: list[str], log: int) -> None:
        """Tell what an environment may reach, and the descriptor of its log."""
        with contextlib.suppress(OSError):  # it has ended, and then nobody connects
            socket.send_fds(self._socket, [registration(pid, own, allowed)], [log])


@dataclass
class _Environment:
    """An environment: what it may reach, its log, what its log says already."""

    pid: int
    reach: Reach
    log: int
    ends: int
    said: set[str] = field(default_factory=set)
    addresses: dict[str, frozenset[str]] = field(default_factory=dict)

    def resolve(self, name: str) -> frozenset[str]:
        """Give the addresses of a name, those of earlier answers too."""
        self.addresses[name] = self.addresses.get(name, frozenset()) | addresses_of(name)
        return self.addresses[name]

    def say(self, text: str) -> None:
        """Write a line to its log, once."""
        if text not in self.said:
            self.said.add(text)
            with contextlib.suppress(OSError):
                os.write(self.log, f"[harness] {text}\n".encode())


@dataclass(frozen=True)
class _Question:
    """A system call that waits for an answer: of a listener, by its id there, of a process."""

    listener: int
    id: int
    pid: int
    number: int
    arguments: tuple[int, ...]


def _be_guard(connection: socket.socket) -> None:
    kept = connection.detach()
    os.dup2(kept, 3)
    devnull = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(devnull, number)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    lifeline.die_with_parent(os.getppid(), os.open(os.devnull, os.O_RDONLY))
    _Guard(socket.socket(fileno=3)).run()


class _Guard:
    """The guard's own process: answers notifications until the supervisor ends."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._poll = select.epoll()
        self._poll.register(connection, select.EPOLLIN)
        self._listeners: set[int] = set()
        self._environments: dict[int, _Environment] = {}
        self._ends: dict[int, int] = {}
        self._waiting: list[_Question] = []

    def run(self) -> None:
        """Serve until the supervisor's end closes."""
        while True:
            for fd, events in self._poll.poll():
                if fd == self._connection.fileno():
                    if not self._receive():
                        return
                elif fd in self._ends:
                    self._forget(fd)
                elif events & select.EPOLLIN:
                    self._notified(fd)
                else:  # the last process with that filter has ended
                    self._listeners.discard(fd)
                    self._close(fd)

    def _receive(self) -> bool:
        packet, descriptors, _, _ = socket.recv_fds(self._connection, PACKET_BYTES, 4)
        if not packet:
            return False
        if packet == LISTENER:
            for fd in descriptors:
                self._listeners.add(fd)
                self._poll.register(fd, select.EPOLLIN)
            return True
        pid, own, allowed = registered(packet)
        try:
            ends = os.pidfd_open(pid)
        except OSError:  # it has ended
            os.close(descriptors[0])
            return True
        self._environments[pid] = _Environment(pid, Reach.of(own, allowed), descriptors[0], ends)
        self._ends[ends] = pid
        self._poll.register(ends, select.EPOLLIN)
        waiting, self._waiting = self._waiting, []
        for question in waiting:
            self._decide(question)
        return True

    def _forget(self, ends: int) -> None:
        environment = self._environments.pop(self._ends.pop(ends))
        os.close(environment.log)
        self._close(ends)

    def _close(self, fd: int) -> None:
        self._poll.unregister(fd)
        os.close(fd)

    def _notified(self, listener: int) -> None:
        raw = bytearray(seccomp.NOTIFICATION.size)
        try:
            fcntl.ioctl(listener, seccomp.RECEIVE, raw)
        except OSError:  # it was interrupted
            return
        id, pid, _, number, _, _, *arguments = seccomp.NOTIFICATION.unpack(raw)
        self._decide(_Question(listener, id, pid, number, tuple(arguments)))

    def _decide(self, question: _Question) -> None:
        environment = self._environment_of(question.pid)
        if environment is None:
            if os.path.exists(f"/proc/{question.pid}"):
                self._waiting.append(question)  # the supervisor is about to tell of it
            return
        try:
            found = destinations(question.pid, question.number, question.arguments)
        except Unreadable:  # the kernel says so itself
            found = []
        if environment.reach.has_names:
            threading.Thread(target=_answer, args=(question, environment, found), daemon=True).start()
        else:
            _answer(question, environment, found)

    def _environment_of(self, pid: int) -> _Environment | None:
        for each in _ancestors(pid):
            if each in self._environments:
                return self._environments[each]
        with contextlib.suppress(ProcessLookupError):
            return self._environments.get(os.getpgid(pid))
        return None


def _ancestors(pid: int) -> Iterator[int]:
    while pid > 1:
        yield pid
        try:
            with open(f"/proc/{pid}/status") as file:
                fields = dict(line.split(":", 1) for line in file)
        except OSError:
            return
        group = int(fields["Tgid"])
        if group != pid:
            yield group
        pid = int(fields["PPid"])


def _answer(question: _Question, environment: _Environment, found: list[Destination]) -> None:
    value, error, flags = 0, 0, seccomp.CONTINUE
    for destination in found:
        if destination.unix is None and (destination.host, destination.port) == XRAY_DAEMON:
            value, flags = destination.length, 0  # as if it were sent
        elif said := _refusal(question.pid, environment, destination):
            value, error, flags = 0, -errno.ECONNREFUSED, 0
            if not (destination.unix and any(part in destination.unix for part in _SILENT)):
                environment.say(f"{_command(question.pid)}: {said}")
            break
    response = bytearray(seccomp.RESPONSE.pack(question.id, value, error, flags))
    with contextlib.suppress(OSError):  # the process has ended, or was interrupted
        fcntl.ioctl(question.listener, seccomp.SEND, response)


def _refusal(pid: int, environment: _Environment, destination: Destination) -> str:
    """Say why a destination is not reached; "" when it is."""
    if destination.unix is not None:
        path, start = destination.unix, _folder(f"/proc/{pid}/cwd")
        if not is_socket_there(pid, path, start) or listens_at(environment.pid, path, start):
            return ""
        return refusal_of_socket(path)
    host, port = destination.host, destination.port
    reach = environment.reach
    if reach.permits(host, port, environment.resolve) or reach.permits_name_server(port):
        return ""
    if is_this_machine(host) and _listens(environment.pid, host, port):
        return ""
    if port == 53:  # noqa: PLR2004 - the port of name servers
        return f"name server {host}:{port} is not asked from here; allow hosts with network = [\"HOST:PORT\"] in [tool.harness]"
    return refusal(host, port)


def _listens(pid: int, host: str, port: int) -> bool:
    """Tell whether an environment listens there. Of what kind the socket is that connects is not known."""
    if has_listener(pid, "tcp", host, port):
        return listens(pid, "tcp", host, port)
    return listens(pid, "udp", host, port)


def _folder(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return "/"


def _command(pid: int) -> str:
    """Name a program, and the hosts of the URLs that it was given; its other arguments may be secrets."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(_COMMAND_BYTES).decode(errors="replace").split("\0")
    except OSError:
        words = [""]
    hosts = dict.fromkeys(found[1] for word in words if (found := _HOST.match(word)))
    name = "".join(c if c.isprintable() else "?" for c in os.path.basename(words[0])) or "a program"
    return f"{name} for {', '.join(hosts)}" if hosts else name
