"""Discrete events: fibers that run in a fixed order, and timers on one clock.

A fiber is a generator (`fibers`). It runs until it yields: `None` puts it at the end of the queue, a
`Signal` suspends it until that is set. `run.workflow` yields `None` after each state, so that branches take
turns; whatever takes time makes a signal, arranges for it to be set, and yields it. The loop does three
things, in this order:

1. Run what is ready, first come first served, until nothing is. No time passes.
2. Take the earliest timer, of several the one made first, let the clock jump to it, and call it. Mostly
   it sets a signal, and 1 goes on.
3. With neither: return, or wait for another thread (`serve`).

So the order of events depends on the definition and the durations alone. An example: a Parallel of a Wait
of 30 s and of a Task that takes 0.1 s, which then enters a Wait of 29.9 s.

    time  queue           timers                           what happens
    0.0   A B             -                                A enters its Wait, B its Task; real work starts
    0.0   -               0.1 collect B, 30.0 wake A       nothing can run: jump to 0.1
    0.1   -               30.0 wake A                      the loop waits, in real time, for B's real result
    0.1   B               30.0 wake A                      B leaves its Task and enters its Wait
    30.0  A, then B       30.0 wake B                      both are due; A's timer was made first

Only real work outside makes the loop wait in real time (`await_work`). It starts at once, so that the
work of many tasks goes on side by side, and is awaited at the moment on the clock at which it may end at
the earliest (`_collect`): later moments are not decided before the result is there. Work that rests on the
clock (`rest`), as nobody in it can go on, gets its time like a timer, and is collected again when it wakes
up. It has a time of its own (`Work.awake_at`), which is behind the clock's until it has rested for so long.

A call of some work may last on the clock, such as one that invokes another function, which is work of its
own (`background`). From `block` to `unblock` the caller may rest, too; `unblock` wakes it. Work that says
that it rests names the calls for which it waits: that is believed when they have arrived.

Somebody outside may come before a deadline: who holds a task token can answer until then. On request
(`fibers.Patience`) the clock does not jump to such a deadline; it goes at the pace of the real one until as
much real time has passed as the deadline was away. Whatever comes before it is jumped to as ever.

One lock, `_gate`, belongs to the loop while it runs; waiting gives it away. Other threads look at the
simulation, or act on it, under `frozen`, when it stands still. Code of a running task that calls AWS does so
at that task's moment: `frozen(during=work)` and `admit` wait until the loop waits for just this work.

What to keep when changing this: nothing but `fibers.Patience` may read the computer's time, and nothing may
iterate over a set; a timer that is cancelled stays in the heap, without its callback; and
`tests/states/test_states_properties.py`, where real work of random slowness must not change a history.
"""

from __future__ import annotations

import gc
import heapq
import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

from .clock import Clock
from .fibers import EndCallback, Fiber, Patience, Ready, Steps, Timer
from .work import Work
from .works import Works

T = TypeVar("T")


class Livelock(RuntimeError):
    """Events go on and on while time stands still."""


class Scheduler(Works):
    """Runs fibers and timers, and waits for work outside.

    Attributes:
        ready: fibers that can run, in order, with what they are resumed with.
        paced_when_idle: lets time pass as on the computer while there is nothing to do (`serve`).
        on_standstill: called when nothing goes on before real time has passed, or somebody outside acts.
    """

    def __init__(self, clock: Clock, stall_limit: int, explain_stall: Callable[[], str]) -> None:
        super().__init__(clock)
        self.ready: Ready = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._made = 0
        self._stall_limit = stall_limit
        self._explain_stall = explain_stall
        self._passing: list[tuple[float, int, Timer]] = []
        self._interrupted = False
        self.paced_when_idle = False
        self.on_standstill: Callable[[], None] = lambda: None

    @property
    def busy(self) -> bool:
        """True while a fiber can run, a moment is to come, or work goes on."""
        return bool(self.ready or self._next_timer() or self._outstanding)

    def spawn(self, steps: Steps[T], on_end: EndCallback[T]) -> Fiber[T]:
        """Start a fiber; it runs when its turn comes."""
        return Fiber(self.ready, steps, on_end)

    def at(
        self, moment: float, callback: Callable[[], None], asked: Callable[[], bool] | None = None
    ) -> Timer:
        """Call at a time.

        Args:
            asked: true as long as somebody outside may act before, and has as much real time for it.
        """
        patience = None if asked is None else Patience(moment - self.clock.now(), asked)
        return self._put(self._timers, Timer(moment, callback, patience))

    def at_end_of(self, moment: float, callback: Callable[[], None]) -> None:
        """Call at a time, after all else that is due then."""

        def fire() -> None:
            following = self._next_timer()
            if self.ready or (following and following.at <= self.clock.now()):
                self.at(self.clock.now(), fire)
            else:
                callback()

        self.at(moment, fire)

    def in_passing(self, moment: float, callback: Callable[[], None]) -> Timer:
        """Call at a time, if the clock passes it on its way to another one, or passes it by itself.

        So it is with what would go on for ever, such as a schedule: virtual time does not jump to it.
        """
        return self._put(self._passing, Timer(moment, callback))

    def _put(self, timers: list[tuple[float, int, Timer]], timer: Timer) -> Timer:
        self._made += 1
        heapq.heappush(timers, (timer.at, self._made, timer))
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
            if self._interrupted and not hold():
                self._interrupted = False
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
                self._idle()
            else:
                before = self.clock.now()
                if self._reach(timer.at, timer.patience):
                    timer.fire()
                if self.clock.now() > before:
                    steps = 0

    def _run_ready(self, allowed: int) -> int:
        """Run fibers until none can; gives the number of steps.

        Without the garbage collector: what 10,000 branches make in one moment is there to stay, and would be
        looked through again and again.
        """
        steps = 0
        collecting = gc.isenabled()
        gc.disable()
        try:
            while self.ready and not self._interrupted:
                fiber, value, error = self.ready.popleft()
                if fiber.alive:
                    fiber.step(value, error)
                    steps += 1
                    if steps > allowed:
                        raise Livelock(self._explain_stall())
        finally:
            if collecting:
                gc.enable()
        return steps

    def _next_timer(self) -> Timer | None:
        first, passing = _first(self._timers), _first(self._passing)
        if passing and (first[:2] > passing[:2] if first else not self.clock.virtual):
            return passing[2]
        return first[2] if first else None

    def _idle(self) -> None:
        """Wait until another thread brings something, or time has passed by itself."""
        self.on_standstill()
        passing = _first(self._passing) if self.paced_when_idle else None
        with self.clock.paced(math.inf) if self.paced_when_idle else nullcontext():
            self._gate.wait(max(0.0, passing[0] - self.clock.now()) if passing else None)
        if passing and self.clock.now() >= passing[0]:
            passing[2].fire()

    def _reach(self, moment: float, patience: Patience | None = None) -> bool:
        """Go to a time; False when something else may have happened first."""
        if self.clock.virtual:
            if patience is not None and (left_s := patience.left_s()):
                self.on_standstill()
                with self.clock.paced(moment):
                    self._gate.wait(left_s)
                return False
            self.clock.jump(max(moment, self.clock.now()))
            return True
        remaining = moment - self.clock.now()
        if remaining > 0:
            self._gate.wait(remaining)
        return self.clock.now() >= moment

    @contextmanager
    def frozen(self, during: Work | None = None) -> Iterator[None]:
        """Hold the simulation while it stands still, to observe it or act on it from any thread.

        Args:
            during: the work on whose behalf this is; it waits for the moment of that work, so that what the
                work does happens at the same virtual time on every run.
        """
        with self._gate:
            if during is not None:
                self._await_moment(during)
            try:
                yield
            finally:
                self._gate.notify_all()

    def hold(self, ended: Callable[[], bool], timeout_s: float | None = None) -> None:
        """Stand still in the midst of a moment, in whichever thread, until `ended` says so.

        Others act under `frozen` meanwhile, after which it is asked again.
        """
        with self._gate:
            self._gate.notify_all()
            self._gate.wait_for(ended, timeout_s)

    def interrupt(self) -> None:
        """Let time be held in the middle of a moment, too, which may have no end."""
        self._interrupted = True


def _first(timers: list[tuple[float, int, Timer]]) -> tuple[float, int, Timer] | None:
    """Return the earliest timer that is still to fire."""
    while timers and timers[0][2].callback is None:
        heapq.heappop(timers)
    return timers[0] if timers else None
