"""The guard: a process that allows or denies system calls from functions and the programs that they start.

It is a fork of the supervisor. Each environment passes it the notifications from its filter (see
`shared.seccomp`), and the supervisor passes it the environment's bounds. `guarded_network` and
`guarded_memory` decide.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import signal
import socket
import threading
from collections.abc import Iterator

from ..shared import lifeline, seccomp
from ..shared.guard_protocol import PACKET_BYTES, Listener, Registration, read_packet
from .guarded import Guarded, Question, Verdict
from .guarded_memory import decide_memory
from .guarded_network import decide_network


class Guard:
    """The supervisor's end of the guard."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.pid = os.fork()
            if self.pid == 0:
                with contextlib.suppress(BaseException):
                    _become(theirs)
                os._exit(1)

    @classmethod
    def start(cls) -> Guard | None:
        """Start a guard, or return None if seccomp does not work."""
        return cls() if seccomp.NUMBERS is not None else None

    @property
    def descriptor(self) -> int:
        """Return the descriptor through which an environment passes its notifications."""
        return self._socket.fileno()

    def add(self, bounds: Registration, log: int) -> None:
        """Send the bounds of an environment that has just started, and the descriptor of its log."""
        with contextlib.suppress(OSError):  # if the guard has exited, notifications get no response
            socket.send_fds(self._socket, [bounds.packet()], [log])


def _become(connection: socket.socket) -> None:
    os.dup2(connection.detach(), 3)
    devnull = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(devnull, number)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    signal.set_wakeup_fd(-1)
    for signal_number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, signal.SIG_DFL)
    lifeline.die_with_parent(os.getppid(), os.open(os.devnull, os.O_RDONLY))
    _Process(socket.socket(fileno=3)).run()


class _Process:
    """The guard's own process: it responds to notifications until the supervisor exits."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._poll = select.epoll()
        self._poll.register(connection, select.EPOLLIN)
        self._guarded: dict[int, Guarded] = {}
        self._began_with: dict[int, int] = {}  # by listener: the first process's memory
        self._ends: dict[int, int] = {}  # descriptors that signal that a process has exited
        self._waiting: list[Question] = []

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
                else:  # the filter's last process has exited
                    del self._began_with[fd]
                    self._close(fd)

    def _receive(self) -> bool:
        packet, descriptors, _, _ = socket.recv_fds(self._connection, PACKET_BYTES, 4)
        if not packet:
            return False
        bounds = read_packet(packet)
        if isinstance(bounds, Listener):
            self._began_with[descriptors[0]] = bounds.used_bytes
            self._poll.register(descriptors[0], select.EPOLLIN)
            return True
        try:
            ends = os.pidfd_open(bounds.pid)
        except OSError:  # it has already exited
            os.close(descriptors[0])
            return True
        self._guarded[bounds.pid] = Guarded(bounds, descriptors[0])
        self._ends[ends] = bounds.pid
        self._poll.register(ends, select.EPOLLIN)
        waiting, self._waiting = self._waiting, []
        for question in waiting:
            self._decide(question)
        return True

    def _forget(self, ends: int) -> None:
        os.close(self._guarded.pop(self._ends.pop(ends)).log)
        self._close(ends)

    def _close(self, fd: int) -> None:
        self._poll.unregister(fd)
        os.close(fd)

    def _notified(self, listener: int) -> None:
        raw = bytearray(seccomp.NOTIFICATION.size)
        try:
            fcntl.ioctl(listener, seccomp.RECEIVE, raw)
        except OSError:  # the process has exited, or was interrupted
            return
        id, pid, _, number, _, _, *arguments = seccomp.NOTIFICATION.unpack(raw)
        self._decide(Question(listener, id, pid, number, tuple(arguments)))

    def _decide(self, question: Question) -> None:
        found = self._guarded_one(question.pid)
        if found is None:
            if os.path.exists(f"/proc/{question.pid}"):
                self._waiting.append(question)  # the supervisor is about to send its bounds
        elif question.is_of_memory:
            _answer(question, decide_memory(question, found, self._began_with[question.listener]))
        elif found.bounds.network and found.reach.has_names:
            # A name may have to be looked up, which must not block other calls.
            threading.Thread(target=_decide_slowly, args=(question, found), daemon=True).start()
        else:
            _answer(question, decide_network(question, found))

    def _guarded_one(self, pid: int) -> Guarded | None:
        for each in _ancestors(pid):
            if each in self._guarded:
                return self._guarded[each]
        with contextlib.suppress(ProcessLookupError):
            return self._guarded.get(os.getpgid(pid))
        return None


def _ancestors(pid: int) -> Iterator[int]:
    """Yield the IDs of a thread, its process, and all ancestors of the process."""
    while pid > 1:
        yield pid
        try:
            with open(f"/proc/{pid}/status") as file:
                fields = dict(line.split(":", 1) for line in file)
        except OSError:
            return
        if (process := int(fields["Tgid"])) != pid:
            yield process
        pid = int(fields["PPid"])


def _decide_slowly(question: Question, guarded: Guarded) -> None:
    _answer(question, decide_network(question, guarded))


def _answer(question: Question, verdict: Verdict) -> None:
    if verdict is Verdict.KILLED:
        return
    if verdict is Verdict.CONTINUES:
        response = seccomp.RESPONSE.pack(question.id, 0, 0, seccomp.CONTINUE)
    elif verdict is Verdict.PRETENDED:
        response = seccomp.RESPONSE.pack(question.id, question.arguments[2], 0, 0)
    else:
        response = seccomp.RESPONSE.pack(question.id, 0, -errno.ECONNREFUSED, 0)
    with contextlib.suppress(OSError):  # the process has exited, or was interrupted
        fcntl.ioctl(question.listener, seccomp.SEND, bytearray(response))
