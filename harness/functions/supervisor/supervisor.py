"""The supervisor process: serves the host's invocations, and holds all environments.

It is a process of its own for three reasons. Environments are forked from it, which is safe because it has
one thread and never runs a function's code. Serving them costs nothing of the host's interpreter lock. And
when the host ends, in whatever way, its end of the control socket closes, and the supervisor ends everything.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from ..shared import lifeline
from ..shared.channel import Message, config_from_json, take
from ..shared.interpreter import StartMethod
from .environment import Environment, Work
from .launcher import Launcher
from .loop import Loop, Stream
from .pool import Pool
from .processes import cpu_s

_OPEN_FILES = 4096  # some of them per environment and per connection of the host
_END_S = 5.0


def main(root: str) -> None:
    """Serve until the control socket closes.

    Arguments: its number, our folder, the method to start environments, their limit (0 for the default).
    """
    control, folder, method, limit = sys.argv[2:6]
    runtime = Path(folder) / "runtime"
    sys.path.remove(root)
    sys.path.insert(0, str(runtime))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    lifeline.adopt_orphans()
    lifeline.wake_with_parent()
    try:
        launcher = Launcher(cast(StartMethod, method), runtime, Path(folder) / "clock")
        supervisor = Supervisor(socket.socket(fileno=int(control)), launcher, int(limit))
        try:
            supervisor.run()
        finally:
            supervisor.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def default_limit() -> int:
    """The number of environments that live at once: some wait for their AWS calls while others compute."""
    return max(4, 2 * (os.cpu_count() or 1))


class Supervisor:
    """Connects the host's requests, the pool, and the processes."""

    def __init__(self, control: socket.socket, launcher: Launcher, limit: int) -> None:
        self._control = control
        self._launcher = launcher
        self._loop = Loop()
        self._ended = False
        self._environments: dict[int, Environment] = {}
        self._stopping: list[tuple[set[int], Callable[[], None]]] = []
        self._pool: Pool[Environment] = Pool(
            self._start, limit or default_limit(), elastic=not limit, cpu_s=self._cpu_s
        )
        self._wakeup, notify = socket.socketpair()
        self._notify = notify
        for end in (self._wakeup, notify):
            end.setblocking(False)
        signal.set_wakeup_fd(notify.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._loop.watch(self._wakeup.fileno(), self._reap)
        self._loop.watch(control.fileno(), self._control_ready)

    def run(self) -> None:
        """Serve until the control socket closes."""
        while not self._ended:
            now = time.monotonic()
            for environment in list(self._environments.values()):
                if environment.deadline is not None and environment.deadline <= now:
                    environment.expire()
            times = [self._pool.check(now), *(each.deadline for each in self._environments.values())]
            next_s = min((at for at in times if at is not None), default=None)
            self._loop.run_once(None if next_s is None else max(next_s - time.monotonic(), 0))

    def end(self) -> None:
        """Stop everything that was started, and wait until it is gone; callers see their connection close."""
        for environment in self._environments.values():
            environment.stop()
        deadline = time.monotonic() + _END_S
        while time.monotonic() < deadline:
            for pid, _ in _ended_children():
                self._environments.pop(pid, None)
            if not self._environments and not _kill_orphans():
                break
            select.select([self._wakeup], [], [], 0.05)

    def _control_ready(self) -> None:
        data, connections, _, _ = socket.recv_fds(self._control, 1024, 64)
        for fd in connections:
            _Connection(self._loop, fd, self._handle)
        self._ended = not data

    def _handle(self, message: Message, reply: Callable[[Message], None]) -> None:
        if message.kind == "invoke":
            config = config_from_json(message.fields["config"])
            self._pool.submit(Work(config, message.parts[0], reply, message.fields["request"]))
        elif message.kind == "stop":
            account = message.fields["account_id"]
            chosen = {
                pid: environment
                for pid, environment in self._environments.items()
                if account in ("", environment.config.account_id)
            }
            self._stopping.append((set(chosen), lambda: reply(Message("done"))))
            self._pool.stop(chosen.values())
            self._report_stopped()

    def _start(self, work: Work) -> Environment:
        environment = Environment(
            work, self._loop, self._launcher, on_ready=self._pool.ready, on_sleep=self._pool.sleeps
        )
        self._environments[environment.pid] = environment
        return environment

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wakeup.recv(4096)
        for pid, status in _ended_children():
            if environment := self._environments.pop(pid, None):
                unseen = environment.exited(status)
                self._pool.gone(environment)
                if unseen:
                    self._pool.submit(unseen)
        self._report_stopped()

    def _report_stopped(self) -> None:
        for entry in list(self._stopping):
            pids, report = entry
            if pids.isdisjoint(self._environments):
                self._stopping.remove(entry)
                report()

    def _cpu_s(self) -> float:
        return sum(cpu_s(pid) for pid in self._environments)


class _Connection:
    """One of the host's connections: a request, its reply, the next request."""

    def __init__(
        self, loop: Loop, fd: int, handle: Callable[[Message, Callable[[Message], None]], None]
    ) -> None:
        self._handle = handle
        self._buffer = bytearray()
        self._stream = Stream(loop, fd, self._feed)

    def _feed(self, data: bytes) -> None:
        self._buffer += data
        if message := take(self._buffer):
            self._handle(message, self._reply)

    def _reply(self, message: Message) -> None:
        self._stream.send(message.encode())


def _ended_children() -> Iterator[tuple[int, int]]:
    """The processes that have ended, each with its wait status."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            yield ended


def _kill_orphans() -> bool:
    """Kill what functions have left behind; tells whether there was something."""
    pids = lifeline.children()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(pids)
