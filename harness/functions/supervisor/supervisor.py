"""The supervisor process: starts environments, serves them for the host, and terminates them.

It is a separate process for three reasons. First, environments are forked from it, or from a template that
was forked from it. Forking is safe, because it has one thread and never runs a function's code. Second,
serving environments does not need the host's interpreter lock. Third, when the host exits, for any reason,
its end of the control socket closes, and the supervisor terminates everything. The host decides which
environment serves an invocation. If that environment does not exist, the supervisor starts it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from ..shared import lifeline
from ..shared.channel import Message, config_from_json, take
from ..shared.interpreter import StartMethod
from ..shared.removal import remove_tree
from ..shared.sandbox_protocol import InitReport
from .environment import Environment
from .hangs import Hangs
from .launcher import Launcher, Process
from .loop import Loop, Stream
from .runtime_api import RuntimeApi
from .templates import Templates
from .work import Work, account_of

_OPEN_FILES = 16384  # some of them for each environment
_END_S = 5.0


def main(root: str) -> None:
    """Serve until the control socket closes.

    Arguments: the socket's number, our folder, and the start method for environments.
    """
    control, folder, method = sys.argv[2:5]
    sys.path.remove(root)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    lifeline.adopt_orphans()
    lifeline.wake_with_parent()
    try:
        launcher = Launcher(cast(StartMethod, method), Path(folder))
        supervisor = Supervisor(socket.socket(fileno=int(control)), launcher)
        try:
            supervisor.run()
        finally:
            supervisor.end()
    finally:
        remove_tree(folder)


class Supervisor:
    """Connects the host's requests with the environments and their processes."""

    def __init__(self, control: socket.socket, launcher: Launcher) -> None:
        self._loop = Loop()
        self._ended = False
        self._unread = bytearray()
        self._environments: dict[int, Environment] = {}  # by key
        self._processes: dict[int, Environment] = {}  # by process ID; includes those that are exiting
        self._stopping: list[tuple[set[int], Callable[[], None]]] = []
        self._api = RuntimeApi(self._loop)
        self._templates = Templates(launcher, control.fileno(), self._started, self._failed)
        self._hangs = Hangs(lambda request_id: self._send(Message("idle", {"request_id": request_id})))
        self._wakeup, notify = socket.socketpair()
        self._notify = notify
        for end in (self._wakeup, notify):
            end.setblocking(False)
        signal.set_wakeup_fd(notify.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._loop.watch(self._wakeup.fileno(), self._reap)
        self._control = Stream(self._loop, control.detach(), self._read, self._end_of_control)

    def run(self) -> None:
        """Serve until the control socket closes."""
        while not self._ended:
            now = time.monotonic()
            deadlines = []
            for environment in list(self._processes.values()):
                if environment.deadline is not None:
                    if environment.deadline <= now:
                        environment.expire()
                    else:
                        deadlines.append(environment.deadline)
            if (sample_at := self._hangs.check(self._processes.values(), now)) is not None:
                deadlines.append(sample_at)
            self._loop.run_once(max(min(deadlines) - time.monotonic(), 0) if deadlines else None)

    def end(self) -> None:
        """Stop everything and wait until all processes have exited. Callers see their connections close."""
        self._templates.stop(lambda _: True)
        for environment in self._processes.values():
            environment.stop()
        deadline = time.monotonic() + _END_S
        while time.monotonic() < deadline:
            for pid, _ in _ended_children():
                self._processes.pop(pid, None)
            if not self._processes and not _kill_orphans():
                break
            select.select([self._wakeup], [], [], 0.05)

    def _end_of_control(self) -> None:
        self._ended = True

    def _send(self, message: Message) -> None:
        self._control.send(message.encode())

    def _read(self, data: bytes) -> None:
        self._unread += data
        while message := take(self._unread):
            self._handle(message)

    def _handle(self, message: Message) -> None:
        fields = message.fields
        if message.kind == "invoke":
            self._invoke(
                Work(
                    config_from_json(fields["config"]),
                    message.parts[0],
                    lambda reply: self._send(replace(reply, number=message.number)),
                    fields["request"],
                )
            )
        elif message.kind == "calls":
            self._hangs.answered(fields["request_id"], fields["open"], fields["count"])
        elif message.kind == "retire":
            for key in fields["environments"]:
                if environment := self._environments.pop(key, None):
                    self._stop(environment)
        elif message.kind == "stop":
            self._stop_all(fields["account_id"], lambda: self._send(Message("done", number=message.number)))

    def _invoke(self, work: Work) -> None:
        environment = self._environments.get(work.request["environment"])
        if environment and not environment.ending:
            environment.serve(work)
            return
        environment = Environment(work, self._loop, self._api, self._initialised)
        self._environments[environment.key] = environment
        self._templates.start(environment)

    def _started(self, environment: Environment, process: Process) -> None:
        environment.begin(process)
        self._processes[process.pid] = environment

    def _initialised(self, environment: Environment, report: InitReport) -> None:
        if environment.ending:  # its process was killed, or exited, before this report was read
            return
        if report["pure"]:
            del self._processes[environment.pid]  # it becomes a template
        self._templates.initialised(environment, report)

    def _failed(self, environment: Environment, error: OSError) -> None:
        self._environments.pop(environment.key, None)
        environment.failed(error)

    def _stop(self, environment: Environment) -> None:
        if environment.pid:
            environment.stop()
        else:
            environment.never_began()

    def _stop_all(self, account_id: str, report: Callable[[], None]) -> None:
        chosen = [each for each in self._processes.values() if account_id in ("", each.config.account_id)]
        self._stopping.append(({each.pid for each in chosen}, report))
        for environment in chosen:
            environment.stop()
        if account_id:  # otherwise the next deployment could have the same revision
            self._templates.stop(lambda kind: account_id == account_of(kind))
        for waiting in self._templates.give_up(lambda kind: account_id in ("", account_of(kind))):
            waiting.never_began()
        for key, environment in list(self._environments.items()):
            if account_id in ("", environment.config.account_id):
                del self._environments[key]
        self._report_stopped()

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wakeup.recv(4096)
        for pid, status in _ended_children():
            environment = self._processes.pop(pid, None)
            if environment is None:
                self._templates.template_ended(pid)
                continue
            self._forget(environment)
            unseen = environment.exited(status)
            self._templates.ended(environment)
            if unseen:
                self._invoke(unseen)
        self._report_stopped()

    def _forget(self, environment: Environment) -> None:
        if self._environments.get(environment.key) is environment:
            del self._environments[environment.key]

    def _report_stopped(self) -> None:
        for entry in list(self._stopping):
            pids, report = entry
            if pids.isdisjoint(self._processes):
                self._stopping.remove(entry)
                report()


def _ended_children() -> Iterator[tuple[int, int]]:
    """Return the processes that have exited, each with its wait status."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            yield ended


def _kill_orphans() -> bool:
    """Kill the processes that functions have left behind; return whether there were any."""
    pids = lifeline.children()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(pids)
