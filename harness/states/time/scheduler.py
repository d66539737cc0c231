"""A discrete-event scheduler: runs fibers in a fixed order, and timers on one clock.

A fiber is a generator (`fibers`). It runs until it yields. Yielding `None` puts it at the end of the queue.
Yielding a `Signal` suspends it until the signal is set. `run.workflow` yields `None` after each state, so
that branches take turns. Code that takes time creates a signal, schedules it, and yields it. The loop repeats
three steps:

1. Run the ready fibers, in queue order, until none is left. No time passes.
2. Take the earliest timer. If several have the same time, take the one created first. Jump to its time, and
   call it. Most timers set a signal, and the loop continues with step 1.
3. If there are no fibers and no timers, return or wait for another thread (`serve`).

The order of events therefore depends only on the definition and the durations. Example: a Parallel has two
branches. The first is a Wait of 30 s. The second is a Task that takes 0.1 s, followed by a Wait of 29.9 s.

    time  queue           timers                           what happens
    0.0   A B             -                                A enters its Wait, B its Task; real work starts
    0.0   -               0.1 collect B, 30.0 wake A       nothing can run: jump to 0.1
    0.1   -               30.0 wake A                      the loop waits, in real time, for B's real result
    0.1   B               30.0 wake A                      B leaves its Task and enters its Wait
    30.0  A, then B       30.0 wake B                      both are due; A's timer was created first

Only external real work makes the loop wait in real time (`await_work`). Work starts immediately, so the work
of many tasks runs in parallel. When the clock reaches the earliest time at which the work can end, the loop
waits for its result (`_collect`). Until the result is available, the loop does not process later events. If
none of the work's threads can continue before a certain virtual time, the work rests until then (`rest`). It
has a wake-up time like a timer, and the loop waits for its result again at that time. Each work item has its
own time (`Work.awake_at`), which can lag behind the clock until the work rests.

A call made by work can take virtual time. An example is a call that invokes another function, which is
separate work (`background`). Between `block` and `unblock` the caller can rest, too, and `unblock` wakes it.
When work rests, it lists the calls that it waits for. The rest begins only after those calls have arrived.

An external caller can act before a deadline: the holder of a task token can complete the task until then. On
request (`fibers.Patience`), the clock does not jump to such a deadline. Instead, it runs in real time until
the remaining time has passed. The clock still jumps to earlier timers.

The loop holds one lock, `_gate`, while it runs, and releases it while it waits. Other threads observe or
change the simulation inside `frozen`, while it stands still. The AWS calls of a running task take effect at
that task's virtual time: `frozen(during=work)` and `admit` wait until the loop waits for exactly this work.

Invariants: only `fibers.Patience` reads the system clock. No code iterates over a set. A cancelled timer
stays in the heap, but its callback is removed. In `tests/states/test_states_properties.py`, real work of
random duration must not change a history.
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
    """Events repeat endlessly while time stands still."""


class Scheduler(Works):
    """Runs fibers and timers, and waits for external work.

    Attributes:
        ready: fibers that are ready to run, in order, each with the value or error that it resumes with.
        paced_when_idle: lets time pass in real time while the scheduler is idle (`serve`).
        on_standstill: called when only real time or an external caller can continue the simulation.
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
        """True while a fiber can run, a timer is set, or work is running."""
        return bool(self.ready or self._next_timer() or self._outstanding)

    def spawn(self, steps: Steps[T], on_end: EndCallback[T]) -> Fiber[T]:
        """Start a fiber. It runs when its turn comes."""
        return Fiber(self.ready, steps, on_end)

    def at(
        self, moment: float, callback: Callable[[], None], asked: Callable[[], bool] | None = None
    ) -> Timer:
        """Schedule a call.

        Args:
            asked: returns true as long as an external caller can still act before the call. The caller then
                gets the same amount of real time.
        """
        patience = None if asked is None else Patience(moment - self.clock.now(), asked)
        return self._put(self._timers, Timer(moment, callback, patience))

    def at_end_of(self, moment: float, callback: Callable[[], None]) -> None:
        """Schedule a call after all other calls at that time."""

        def fire() -> None:
            following = self._next_timer()
            if self.ready or (following and following.at <= self.clock.now()):
                self.at(self.clock.now(), fire)
            else:
                callback()

        self.at(moment, fire)

    def in_passing(self, moment: float, callback: Callable[[], None]) -> Timer:
        """Schedule a call for the moment when the clock passes a time, either in a jump or in real time.

        This is used for events that repeat endlessly, such as a schedule. Virtual time does not jump to them.
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
        """Run until nothing is left to do, a time is reached, or `stop` returns true.

        Args:
            until: a time at which to return even if work is left.
            stop: called each time before virtual time advances.
            hold: called each time before virtual time advances, and again after `frozen`. While it returns
                true, no time passes.
            serve: if nothing is left to do, wait for work from another thread instead of returning.

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
        """Run fibers until none can run. Return the number of steps.

        The garbage collector is disabled in the meantime. Otherwise it would repeatedly scan the objects
        that, for example, 10,000 branches create at the same virtual time, although all of them stay alive.
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
        """Wait until another thread adds work, or until the requested real time has elapsed."""
        self.on_standstill()
        passing = _first(self._passing) if self.paced_when_idle else None
        with self.clock.paced(math.inf) if self.paced_when_idle else nullcontext():
            self._gate.wait(max(0.0, passing[0] - self.clock.now()) if passing else None)
        if passing and self.clock.now() >= passing[0]:
            passing[2].fire()

    def _reach(self, moment: float, patience: Patience | None = None) -> bool:
        """Advance the clock to a time. Return False if another event may have occurred first."""
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
        """Hold the simulation while it stands still, so that any thread can observe or change it.

        Args:
            during: the work for which the caller acts. The method waits until the loop waits for that
                work, so that the action happens at the same virtual time in every run.
        """
        with self._gate:
            if during is not None:
                self._await_moment(during)
            try:
                yield
            finally:
                self._gate.notify_all()

    def hold(self, ended: Callable[[], bool], timeout_s: float | None = None) -> None:
        """Make the simulation stand still, without finishing the steps at the current virtual time, until
        `ended` returns true. Any thread can call this.

        During this time, other threads can act inside `frozen`. Afterwards, `ended` is called again.
        """
        with self._gate:
            self._gate.notify_all()
            self._gate.wait_for(ended, timeout_s)

    def interrupt(self) -> None:
        """Also allow holds before all steps at the current virtual time have finished, because the steps can
        be endless.
        """
        self._interrupted = True


def _first(timers: list[tuple[float, int, Timer]]) -> tuple[float, int, Timer] | None:
    """Return the earliest active timer."""
    while timers and timers[0][2].callback is None:
        heapq.heappop(timers)
    return timers[0] if timers else None
