"""The scheduler's handling of external work. The loop waits for one piece of work at a time."""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from .clock import Clock
from .fibers import Timer
from .work import BlockedCall, Outcome, Rest, Work


class Works(ABC):
    """The part of the scheduler that other threads call; see `scheduler`.

    Attributes:
        clock: the time.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._gate = threading.Condition(threading.RLock())
        self._running = False
        self._awaited: Work | None = None
        self._outstanding = 0

    @abstractmethod
    def at(
        self, moment: float, callback: Callable[[], None], asked: Callable[[], bool] | None = None
    ) -> Timer:
        """Schedule a call."""

    def await_work(self, work: Work, deliver: Callable[[Outcome], None], since: float | None = None) -> None:
        """Deliver the outcome of real work at its end on the clock.

        Args:
            since: the start of the work. Default: now.
        """
        work.started_at = work.awake_at = self.clock.now() if since is None else since

        def end(outcome: Outcome) -> None:
            work.on_end()
            deliver(outcome)

        work.deliver = end
        if self.clock.virtual:
            self._look_at(work, work.started_at + work.duration_s)
            return
        self._outstanding += 1

        def finished(_future: object) -> None:
            with self._gate:
                self._outstanding -= 1
                self.at(self.clock.now(), lambda: end(work.future.result()))
                self._gate.notify_all()

        work.future.add_done_callback(finished)

    def background(
        self,
        work: Work,
        deliver: Callable[[Outcome], None] = lambda _outcome: None,
        since: float | None = None,
    ) -> None:
        """Add work that starts now. Any thread can call this. See `await_work`."""
        with self._gate:
            self.await_work(work, deliver, since)
            self._gate.notify_all()

    def _look_at(self, work: Work, moment: float) -> None:
        """Wait for the work's result at this time, instead of at the time set previously."""
        if work.timer:
            work.timer.cancel()
        work.timer = None
        if moment < math.inf:
            work.timer = self.at(max(moment, self.clock.now()), lambda: self._collect(work))

    def _collect(self, work: Work) -> None:
        """Wait in real time until the work is done, or rests on the virtual clock."""
        work.end_rest(self.clock.now())
        self._awaited = work
        work.begin()
        work.future.add_done_callback(self._notify)
        self._gate.notify_all()
        self._gate.wait_for(lambda: work.future.done() or self._is_quiescent(work))
        self._awaited = None
        if not work.future.done():
            self._look_at(work, work.next_wake())
            return
        work.timer = None
        outcome = work.future.result()
        end = work.started_at + max(outcome.duration_s or 0.0, work.duration_s)
        self.at(max(end, self.clock.now()), lambda: work.deliver(outcome))

    def _is_quiescent(self, work: Work) -> bool:
        before = work.rest
        work.end_rest(-math.inf)  # wakes it only if its calls received a response
        if work.rest is not before:
            self._gate.notify_all()
        return work.quiescent

    def _notify(self, _future: object) -> None:
        with self._gate:
            self._gate.notify_all()

    def admit(self, work: Work, after: Sequence[str] = ()) -> None:
        """Wait until the loop waits for this work, before one of the work's calls takes effect.

        The simulation stands still until the call has its response, because until then the work is either
        running or waiting for the response.

        Args:
            after: the work's earlier calls that take time on the clock.
        """
        with self._gate:
            self._await_moment(work)
            if after and self.clock.virtual:
                self._gate.wait_for(
                    lambda: work.has_arrived(after) or work.future.done() or not self._running
                )

    def _await_moment(self, work: Work) -> None:
        if self.clock.virtual and not self._has_come(work):
            self._gate.wait_for(lambda: self._has_come(work))

    def _has_come(self, work: Work) -> bool:
        return not self._running or work.future.done() or (self._awaited is work and not work.quiescent)

    def rest(self, work: Work, seconds: float, calls: tuple[str, ...] = ()) -> Rest:
        """Let virtual time pass while the work rests. The call blocks its thread.

        The rest ends after a time, or when one of its calls receives a response.

        Args:
            seconds: the length of the rest, counted from the time when the work was last awake.
            calls: the calls that it waits for; see Rest.
        """
        with self._gate:
            rest = Rest(work.awake_at + seconds, calls)
            if not self.clock.virtual or work.future.done():
                return rest
            if work.rest is not None:
                work.rest.over = True
            work.rest = rest
            self._gate.notify_all()
            self._gate.wait_for(lambda: rest.over or not self._running)
            return rest

    def block(self, work: Work, call: str = "") -> BlockedCall:
        """Record that a call takes time on the clock until `unblock` is called. The work can rest during this
        time.

        Args:
            call: the call's ID. Without an ID, all of the work is blocked until the call receives a response.
        """
        with self._gate:
            blocked = BlockedCall(work, call)
            work.blocked[call] = blocked
            self._gate.notify_all()
            return blocked

    def unblock(self, blocked: BlockedCall, moment: float | None = None, *, answered: bool = True) -> None:
        """Allow the response to a call now, or at an earlier time if the work's own time is behind the clock.

        Any thread that holds the simulation can call this method, such as a thread inside `frozen`, or a
        timer.

        Args:
            answered: false if the call only rechecks its condition and can block again; see `note_answer`.
        """
        with self._gate:
            work = blocked.work
            if blocked.ended:
                return
            blocked.ended = True
            if work.blocked.get(blocked.id) is blocked:
                del work.blocked[blocked.id]
            work.awake_at = max(work.awake_at, self.clock.now() if moment is None else moment)
            self.note_answer(work, blocked.id if answered else "")
            if self.clock.virtual and self._awaited is not work and not work.future.done():
                self._look_at(work, self.clock.now())

    def await_end(self, blocked: BlockedCall) -> None:
        """Wait until a blocked call can get its response, and until the loop waits for the call's work."""
        with self._gate:
            self._gate.wait_for(lambda: not self._running or (blocked.ended and self._has_come(blocked.work)))

    def note_answer(self, work: Work, call: str) -> None:
        """Record that a call with an ID gets its response."""
        with self._gate:
            if call:
                work.answered[call] = None
            self._gate.notify_all()
