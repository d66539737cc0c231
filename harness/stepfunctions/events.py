"""Events on the scheduler's clock: asynchronous invocations, which are retried after a failure.

An event starts at the virtual time at which it is sent, once the sender's current step is finished. Events
start in the order in which they were sent. The sender does not wait for them. An event is *under way* until
its last attempt has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from harness.states import Outcome, TaskFailed, TaskSucceeded
from harness.states.time.scheduler import Scheduler
from harness.stepfunctions.starts import Start
from harness.stepfunctions.tasks import MAX_THREADS, Tasks, settle

# "with a one-minute wait between the first two attempts, and two minutes between the second and third":
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
RETRY_S: Final = (60.0, 120.0)
# "your function is invoked approximately 16 times":
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
LONGEST_CHAIN: Final = 16


@dataclass(frozen=True, slots=True)
class Attempted:
    """The end of an attempt: its time on the clock (None in real time), and whether to retry."""

    duration_s: float | None
    again: bool = False


Attempt = Callable[[str, float | None], Attempted]
"""Makes an attempt. Takes the invocation's ID and its start time, which is None in real time."""


@dataclass(slots=True)
class _Event:
    attempt: Attempt
    retry_s: tuple[float, ...]
    ended: Callable[[], None]
    request_id: str
    chain: int


class Events:
    """A simulation's events. Thread-safe.

    Args:
        on_bug: called with an exception that an attempt raised.
    """

    def __init__(self, scheduler: Scheduler, tasks: Tasks, on_bug: Callable[[Exception], object]) -> None:
        self._scheduler = scheduler
        self._tasks = tasks
        self._on_bug = on_bug
        self._pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="event")
        self._chains: dict[str, int] = {}
        self._under_way = 0
        self._when_idle: list[Callable[[], None]] = []
        self._thread = threading.local()

    def send(
        self,
        attempt: Attempt,
        *,
        retry_s: tuple[float, ...] = RETRY_S,
        ended: Callable[[], None] = lambda: None,
        sender: str = "",
        moment: float | None = None,
    ) -> None:
        """Start an event now or at a later time.

        Args:
            retry_s: the waits before further attempts.
            ended: called after the last attempt, while the simulation stands still.
            sender: the ID of the invocation that sends it; "" for other senders. A chain of invocations that
                send events to each other ends after LONGEST_CHAIN invocations.
        """
        with self._scheduler.frozen():
            chain = self._chains.get(sender, 0) + 1
            self._thread.sent = True
            if chain > LONGEST_CHAIN:
                ended()
                return
            self._under_way += 1
            event = _Event(attempt, retry_s, ended, self._tasks.new_id(), chain)
            now = self._scheduler.clock.now()
            self._scheduler.at(now if moment is None else max(moment, now), partial(self._take_up, event))

    def sent_here(self) -> bool:
        """Return whether this thread has sent an event since it last called this method."""
        sent: bool = getattr(self._thread, "sent", False)
        self._thread.sent = False
        return sent

    def when_idle(self, callback: Callable[[], None]) -> None:
        """Set a callback that runs once, when no event is under way. Call this method under `frozen`."""
        if self._under_way:
            self._when_idle.append(callback)
        else:
            callback()

    def close(self) -> None:
        """Start no further events."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take_up(self, event: _Event) -> None:
        self._chains[event.request_id] = event.chain
        clock = self._scheduler.clock
        now_s = clock.now() if clock.virtual else None
        ending: Future[Outcome] = Future()
        work = self._tasks.register(event.request_id, ending, 0.0)
        self._tasks.number(event.request_id)
        start = Start(self._pool, partial(self._run, event, now_s, ending))
        work.begin = start.now
        start.soon()
        self._scheduler.await_work(work, partial(self._has_ended, event))

    def _run(self, event: _Event, now_s: float | None, ending: Future[Outcome]) -> None:
        outcome: Outcome = TaskSucceeded(None)
        try:
            with self._tasks.under_way(event.request_id):
                attempted = event.attempt(event.request_id, now_s)
                outcome = TaskSucceeded(None, attempted.duration_s)
                if attempted.again:
                    outcome = TaskFailed("Failed", None, attempted.duration_s)
        except Exception as error:
            self._on_bug(error)
        finally:
            settle(ending, outcome)

    def _has_ended(self, event: _Event, outcome: Outcome) -> None:
        if isinstance(outcome, TaskFailed) and event.retry_s:
            pause_s, event.retry_s = event.retry_s[0], event.retry_s[1:]
            self._scheduler.at(self._scheduler.clock.now() + pause_s, partial(self._take_up, event))
            return
        event.ended()
        self._under_way -= 1
        if not self._under_way:
            waiting, self._when_idle = self._when_idle, []
            for callback in waiting:
                callback()
