"""Discrete events: fibers that run in a fixed order, and timers on one clock.

A fiber is a generator. It runs until it yields: `None` puts it at the end of the queue, a `Signal` suspends
it until that is set. When no fiber can run, the earliest timer is next, and virtual time jumps to it; timers
of the same moment go in the order in which they were made. The machine's speed decides nothing.

Only real work outside (`Scheduler.await_work`) makes the loop wait in real time: when the moment has come at
which some work may end, nothing else is decided until its result is there. Other threads can look at the
world, or act on it, only while the loop stands still: `Scheduler.frozen`.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from .clock import Clock
from .ports import Outcome, Sleeper, Work

Steps: TypeAlias = Generator["Signal | None", Any, Any]
"""What a fiber runs."""
EndCallback: TypeAlias = Callable[[Any, Exception | None], None]


class Livelock(RuntimeError):
    """Events go on and on while time stands still."""


class Signal:
    """Something that a fiber waits for. The first `set` or `fail` counts, later ones are ignored."""

    __slots__ = ("_done", "_error", "_value", "_waiter")

    def __init__(self) -> None:
        self._done = False
        self._value: Any = None
        self._error: Exception | None = None
        self._waiter: Fiber | None = None

    def set(self, value: Any = None) -> None:
        """Let the waiting fiber go on with a value."""
        self._finish(value, None)

    def fail(self, error: Exception) -> None:
        """Raise an error in the waiting fiber."""
        self._finish(None, error)

    def _finish(self, value: Any, error: Exception | None) -> None:
        if not self._done:
            self._done, self._value, self._error = True, value, error
            if self._waiter:
                self._waiter.wake(value, error)

    def suspend(self, fiber: Fiber) -> None:
        """Let a fiber wait; the scheduler calls this."""
        self._waiter = fiber
        if self._done:
            fiber.wake(self._value, self._error)


class Fiber:
    """A running generator."""

    __slots__ = ("_on_end", "_scheduler", "_steps", "alive")

    def __init__(self, scheduler: Scheduler, steps: Steps, on_end: EndCallback) -> None:
        self._scheduler = scheduler
        self._steps = steps
        self._on_end = on_end
        self.alive = True
        self.wake(None, None)

    def wake(self, value: Any, error: Exception | None) -> None:
        """Queue the fiber to go on."""
        self._scheduler.ready.append((self, value, error))

    def step(self, value: Any, error: Exception | None) -> None:
        """Run to the next yield."""
        try:
            awaited = self._steps.send(value) if error is None else self._steps.throw(error)
        except StopIteration as end:
            self.alive = False
            self._on_end(end.value, None)
        except Exception as failure:
            self.alive = False
            self._on_end(None, failure)
        else:
            if awaited is None:
                self.wake(None, None)
            else:
                awaited.suspend(self)

    def cancel(self) -> None:
        """Stop for good; the generator's `finally` parts run."""
        if self.alive:
            self.alive = False
            self._steps.close()


class Timer:
    """A call at a time."""

    __slots__ = ("at", "callback")

    def __init__(self, at: float, callback: Callable[[], None] | None) -> None:
        self.at = at
        self.callback = callback

    def cancel(self) -> None:
        """Never call."""
        self.callback = None

    def fire(self) -> None:
        """Call, once."""
        callback, self.callback = self.callback, None
        if callback:
            callback()


class Scheduler:
    """Runs fibers and timers.

    Attributes:
        ready: fibers that can run, in order, with what they are resumed with.
        clock: the time.
    """

    def __init__(self, clock: Clock, stall_limit: int, explain_stall: Callable[[], str]) -> None:
        self.clock = clock
        self.ready: deque[tuple[Fiber, Any, Exception | None]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._made = 0
        self._stall_limit = stall_limit
        self._explain_stall = explain_stall
        self._gate = threading.Condition(threading.RLock())
        self._running = False
        self._awaited: Work | None = None
        self._outstanding = 0

    def spawn(self, steps: Steps, on_end: EndCallback) -> Fiber:
        """Start a fiber; it runs when its turn comes."""
        return Fiber(self, steps, on_end)

    def at(self, moment: float, callback: Callable[[], None]) -> Timer:
        """Call at a time."""
        timer = Timer(moment, callback)
        self._made += 1
        heapq.heappush(self._timers, (moment, self._made, timer))
        return timer

    def run(
        self,
        until: float | None = None,
        *,
        stop: Callable[[], bool] = lambda: False,
        hold: Callable[[], bool] = lambda: False,
        serve: bool = False,
    ) -> None:
        """Run until nothing is left to do, a time is reached, or `stop` says so.

        Args:
            until: a time at which to return although there is more to do.
            stop: asked between moments.
            hold: asked between moments; while it is true no time passes. It is asked again after `frozen`.
            serve: with nothing left to do, wait for another thread to bring something instead of returning.

        Raises:
            Livelock: too many steps without time passing.
        """
        with self._gate:
            self._running = True
            try:
                self._loop(until, stop, hold, serve=serve)
            finally:
                self._running = False
                self._gate.notify_all()

    def _loop(
        self, until: float | None, stop: Callable[[], bool], hold: Callable[[], bool], *, serve: bool
    ) -> None:
        steps = 0
        while not stop():
            steps += self._run_ready(self._stall_limit - steps)
            if hold():
                self._gate.wait()
                continue
            timer = self._next_timer()
            if timer is None and not self._outstanding and not serve:
                if until is not None and self.clock.virtual:
                    self.clock.jump(max(until, self.clock.now()))
                return
            if until is not None and (timer is None or timer.at > until):
                if self._reach(until):
                    return
            elif timer is None:
                self._gate.wait()
            else:
                before = self.clock.now()
                if self._reach(timer.at):
                    heapq.heappop(self._timers)
                    timer.fire()
                if self.clock.now() > before:
                    steps = 0

    def _run_ready(self, allowed: int) -> int:
        """Run fibers until none can; gives the number of steps."""
        steps = 0
        while self.ready:
            fiber, value, error = self.ready.popleft()
            if fiber.alive:
                fiber.step(value, error)
                steps += 1
                if steps > allowed:
                    raise Livelock(self._explain_stall())
        return steps

    def _next_timer(self) -> Timer | None:
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0][2] if self._timers else None

    def _reach(self, moment: float) -> bool:
        """Get to a time; False when something else happened before (real clocks only)."""
        if self.clock.virtual:
            self.clock.jump(max(moment, self.clock.now()))
            return True
        remaining = moment - self.clock.now()
        if remaining > 0:
            self._gate.wait(remaining)
        return self.clock.now() >= moment

    def await_work(self, work: Work, deliver: Callable[[Outcome], None]) -> None:
        """Deliver the outcome of real work at its end on the clock."""
        work.started_at = work.awake_at = self.clock.now()
        if self.clock.virtual:
            self.at(work.started_at + work.duration_s, lambda: self._collect(work, deliver))
            return
        self._outstanding += 1

        def finished(_future: object) -> None:
            with self._gate:
                self._outstanding -= 1
                self.at(self.clock.now(), lambda: deliver(work.future.result()))
                self._gate.notify_all()

        work.future.add_done_callback(finished)

    def _collect(self, work: Work, deliver: Callable[[Outcome], None]) -> None:
        """Wait in real time until the work is done, or sleeps on the virtual clock."""
        self._wake(work)
        self._awaited = work
        work.future.add_done_callback(self._notify)
        self._gate.notify_all()
        self._gate.wait_for(lambda: work.future.done() or work.sleepers)
        self._awaited = None
        if not work.future.done():
            self.at(min(sleeper.until for sleeper in work.sleepers), lambda: self._collect(work, deliver))
            return
        outcome = work.future.result()
        end = work.started_at + max(outcome.duration_s or 0.0, work.duration_s)
        self.at(max(end, self.clock.now()), lambda: deliver(outcome))

    def _wake(self, work: Work) -> None:
        due = [sleeper for sleeper in work.sleepers if sleeper.until <= self.clock.now()]
        for sleeper in due:
            sleeper.asleep = False
            work.sleepers.remove(sleeper)
            work.awake_at = self.clock.now()

    def _notify(self, _future: object) -> None:
        with self._gate:
            self._gate.notify_all()

    @contextmanager
    def frozen(self, during: Work | None = None) -> Iterator[None]:
        """Hold the world while it stands still, to observe it or act on it from any thread.

        Args:
            during: the work on whose behalf this is; it waits for the moment of that work, so that what the
                work does happens at the same virtual time on every run.
        """
        with self._gate:
            if during is not None and self.clock.virtual:
                self._gate.wait_for(lambda: self._has_come(during))
            try:
                yield
            finally:
                self._gate.notify_all()

    def _has_come(self, work: Work) -> bool:
        return not self._running or (self._awaited is work and not work.sleepers)

    def sleep(self, work: Work, seconds: float) -> None:
        """Let virtual time pass inside some work; its own thread calls this and is held meanwhile.

        Time passes as soon as one of the work's threads sleeps. Of several, each sleeps from when the work
        was last awake, so that those that begin together do not wait for each other.
        """
        with self._gate:
            sleeper = Sleeper(max(work.awake_at + seconds, self.clock.now()))
            work.sleepers.append(sleeper)
            self._gate.notify_all()
            self._gate.wait_for(lambda: not sleeper.asleep or not self._running)
