"""The worker processes, as seen by their parent."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Final, Generic, Literal, Self

from harness.functions.shared.lifeline import ended_with
from harness.hidden import hide
from harness.workers.player import Done, Hello, Player, Task
from harness.workers.process import SIGNALS, Kind, work

_SAFE_PATH: Final = "PYTHONSAFEPATH"


class WorkerDied(Exception):
    """A process exited before it was ready; the message describes how."""


class _Worker(Generic[Hello, Task, Done]):
    """A process and the number of its current task."""

    def __init__(self, player: Player[Hello, Task, Done], *, forked: bool) -> None:
        # A copy of a process with threads would have locks that are never released.
        fork = forked and sys.platform == "linux" and threading.active_count() == 1
        context: Any = get_context("fork" if fork else "spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(player, theirs), daemon=True)
        self.task: int | None = None
        with _signals_later(), nullcontext() if fork else _safe_path():
            self.process.start()
        theirs.close()

    def send(self, message: object) -> None:
        """Send a task, or None to end the process. The next `receive` detects a killed process."""
        with suppress(OSError):
            self.connection.send(message)

    def receive(self) -> tuple[Kind, Any]:
        """Wait for a message. Raises EOFError or OSError if the process has exited."""
        kind, value, hidden = self.connection.recv()
        for secret in hidden:
            hide(secret)
        return kind, value.error() if kind == "failed" else value

    def stop(self) -> None:
        """Interrupt the process's work, even if the process is paused."""
        if self.process.is_alive():
            self.process.terminate()
            os.kill(self.process.pid, signal.SIGCONT)

    def how_it_ended(self) -> str:
        """Wait until the process exits, and describe how it ended."""
        self.process.join()
        return f"(process {self.process.pid}) ended with {ended_with(self.process.exitcode)}"


class Workers(Generic[Hello, Task, Done]):
    """A context manager: the processes start when it is entered, and have exited when it is left.

    `lost` returns the result for a task whose process was killed, or raises an exception. Its second argument
    describes how the process ended. `forked`: they start as copies of this process, where possible. Anything
    that they would share, such as an engine, must not have been started in it.
    """

    def __init__(
        self,
        player: Player[Hello, Task, Done],
        number: int,
        lost: Callable[[Task, str], Done],
        *,
        forked: bool = False,
    ) -> None:
        self._player = player
        self._number = number
        self._lost = lost
        self._forked = forked
        self._all: list[_Worker[Hello, Task, Done]] = []
        self._there: list[_Worker[Hello, Task, Done]] = []

    def __enter__(self) -> Self:
        try:
            for _ in range(self._number):
                self._add()
        except BaseException:
            self._end(at_once=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(at_once=kind is not None)

    def ready(self) -> tuple[Hello, ...]:
        """Wait until all processes have started; return their messages.

        Raises:
            WorkerDied: one of them was killed.
            Exception: one of them could not start. Its player raises this exception.
        """
        return tuple(map(self._said, self._there))

    def results(
        self,
        tasks: Sequence[Task],
        began: Callable[[Task], object] = lambda _: None,
        heard: Callable[[Task, str], object] = lambda _, __: None,
    ) -> Iterator[Done]:
        """Yield the results in task order. A task's exception is raised when its turn comes.

        `began` is called with each task that a process receives, and `heard` with the messages during tasks.
        """
        left = iter(range(len(tasks)))
        ended: dict[int, Callable[[], Done]] = {}

        def hand(worker: _Worker[Hello, Task, Done]) -> None:
            worker.task = next(left, None)
            if worker.task is None:
                self._there.remove(worker)
                worker.send(None)
            else:
                worker.send((tasks[worker.task],))
                began(tasks[worker.task])

        for worker in tuple(self._there):
            hand(worker)
        for number in range(len(tasks)):
            while number not in ended:
                for worker, kind, value in self._messages():
                    assert worker.task is not None, "an active worker has a task"
                    if kind == "told":
                        heard(tasks[worker.task], value)
                    elif kind != "ready":
                        ended[worker.task] = self._end_of(tasks[worker.task], kind, value)
                        hand(self._add() if kind == "lost" else worker)
            yield ended.pop(number)()

    def _messages(self) -> Iterator[tuple[_Worker[Hello, Task, Done], Kind | Literal["lost"], Any]]:
        """Return the available messages; wait for at least one."""
        by_connection = {worker.connection: worker for worker in self._there}
        for connection in wait(list(by_connection)):
            assert isinstance(connection, Connection)
            worker = by_connection[connection]
            try:
                yield worker, *worker.receive()
            except (EOFError, OSError):
                self._there.remove(worker)
                yield worker, "lost", worker.how_it_ended()

    def _end_of(self, task: Task, kind: Kind | Literal["lost"], value: Any) -> Callable[[], Done]:
        """Return a function that returns the result of a task, or raises its exception."""

        def end() -> Done:
            if kind == "failed":
                raise value
            return self._lost(task, value) if kind == "lost" else value

        return end

    def _said(self, worker: _Worker[Hello, Task, Done]) -> Hello:
        while True:
            try:
                kind, value = worker.receive()
            except (EOFError, OSError):
                raise WorkerDied(f"a worker {worker.how_it_ended()} while starting") from None
            if kind == "failed":
                raise value
            if kind == "ready":
                said: Hello = value
                return said

    def _add(self) -> _Worker[Hello, Task, Done]:
        worker = _Worker(self._player, forked=self._forked)
        self._all.append(worker)
        self._there.append(worker)
        return worker

    def _end(self, *, at_once: bool) -> None:
        for worker in self._all:
            # A running task's result is not read, and it may not fit into the pipe.
            if at_once or worker.task is not None:
                worker.stop()
            worker.send(None)
        for worker in self._all:
            worker.process.join()
            worker.connection.close()


@contextmanager
def _signals_later() -> Iterator[None]:
    """Block signals during the `with` block. In processes that start in it, signals stay blocked until the
    processes listen for them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Start Python processes that do not import from the working directory, like the option `-P`."""
    with_it = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if with_it is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = with_it
