"""Invocations on the scheduler's clock that are not made by tasks, but by other functions or by external
callers.

Each invocation is separate work. It begins at a given virtual time, and its sleeps take time on the clock.
Its AWS calls take effect when the scheduler waits for it, like calls from a task's function.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

from harness.states import Outcome, TaskSucceeded, Work
from harness.states.time.scheduler import Scheduler
from harness.stepfunctions.tasks import MAX_THREADS, Tasks, settle


class Timed(Protocol):
    """The timing of an invocation: when it began, and how long it took, in seconds on its clock."""

    @property
    def started_at(self) -> float:
        """Unix time."""

    @property
    def duration_s(self) -> float:
        """The duration in seconds."""


R = TypeVar("R", bound=Timed)
Run = Callable[[float | None], R]
"""Runs an invocation until it ends. Takes the time at which its clock begins, or None in real time."""


class OnClock:
    """A simulation's invocations that are not tasks. Thread-safe."""

    def __init__(self, scheduler: Scheduler, tasks: Tasks) -> None:
        self._scheduler = scheduler
        self._tasks = tasks
        self._pool: Final = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="invocation")

    def background(self, request_id: str, run: Run[R]) -> Future[R]:
        """Begin an invocation now. No caller waits for it on the clock.

        Args:
            request_id: the invocation's ID, which identifies its sleeps and its calls.
        """
        with self._scheduler.frozen():
            now_s = self._scheduler.clock.now() if self._scheduler.clock.virtual else None
            ending: Future[Outcome] = Future()
            self._tasks.number(request_id)
            if now_s is not None:
                self._scheduler.background(self._tasks.register(request_id, ending, 0.0))
        return self._pool.submit(self._run, run, now_s, request_id, ending)

    def within(self, caller: Work, call: str, request_id: str, run: Run[R]) -> R:
        """Invoke a function for a call, and wait for the end of the invocation on the clock.

        The invocation begins at its caller's own time. This method returns when the clock has reached the
        caller's time again.

        Args:
            call: the call's ID; "" if the whole calling process is blocked during the call.
            request_id: the ID of the new invocation.
        """
        ending: Future[Outcome] = Future()
        if not self._scheduler.clock.virtual:
            return self._run(run, None, request_id, ending)
        self._tasks.number(request_id)
        work = self._tasks.register(request_id, ending, 0.0)
        begin = caller.awake_at
        with self._scheduler.frozen():
            blocked = self._scheduler.block(caller, call)

            def ended(outcome: Outcome) -> None:
                self._scheduler.unblock(blocked, begin + (outcome.duration_s or 0.0))

            self._scheduler.background(work, ended, begin)
        try:
            return self._run(run, begin, request_id, ending)
        finally:
            self._scheduler.await_end(blocked)

    def close(self) -> None:
        """Stop starting new invocations."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, run: Run[R], now_s: float | None, request_id: str, ending: Future[Outcome]) -> R:
        took_s = 0.0
        try:
            with self._tasks.under_way(request_id):
                result = run(now_s)
                took_s = 0.0 if now_s is None else result.started_at + result.duration_s - now_s
                return result
        finally:
            settle(ending, TaskSucceeded(None, took_s))
