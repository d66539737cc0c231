"""Scheduling of a function's threads under virtual time: only the thread with the baton runs.

A thread keeps the baton until it ends or waits (for a lock, a time, a descriptor, a child process or a call
that takes time on the clock). Then the next runnable thread gets it, first come, first served. The
interleaving of threads is therefore the same in every run. When no thread can run, the last holder of the
baton advances the clock (`Clock.rest`).

The primitives with which threads wait are replaced by versions that call `wait`, `watch` and `wake`; see
`virtual_time`. Threads that were not started by Python are not scheduled, and their waits are real.

There are two exceptions, which depend on real time. First, waiting for a child process takes real time but no
time on the clock. If such a wait has a timeout, the timeout expires after the same amount of real time, and
at its time on the clock. Second, a thread that computes for seconds while other threads are runnable, for
example because it polls a variable in a loop, loses the baton but continues to run (`watchdog`).
"""

from __future__ import annotations

import _thread
import heapq
import math
import signal
import time
from collections import deque
from collections.abc import Callable
from typing import NoReturn, Protocol

US = 1_000_000

allocate_really = _thread.allocate_lock
start_really = _thread.start_new_thread
_get_ident = _thread.get_ident
_real_monotonic = time.monotonic
_real_sleep = time.sleep
_POLL_S = 0.0005, 0.02
"""The first and the longest pause between checks for events outside of this process."""
_POLLS = 1000
"""Number of failed polls by a thread before time passes."""
_READS, _READS_AT_ONCE, _READ_US = 100_000, 10_000, 10
"""Number of reads of the clock before time first passes, number of reads before each later step, and the
duration of each later step.
"""


class Clock(Protocol):
    """The clock's interface for the baton; times are in microseconds on the scale of `time.monotonic`.

    Attributes:
        steady_us: the time.
        deadline_us: the time of the function's timeout.
    """

    steady_us: int
    deadline_us: int

    def rest(self, until_us: int, calls: list[str]) -> list[str]:
        """Advance the clock to a time, or until some of the calls have responses; return those calls.

        Raises:
            OSError, RuntimeError: the virtual time server has exited, or rejects the request.
        """


class Member:
    """A scheduled thread.

    Attributes:
        ident: Python's identifier of the thread; 0 before it has started.
        gate: locked while the thread does not have the baton.
        aside: true while it runs without the baton; see `Baton.set_aside`.
        turn: counts its waits.
        waiting: true while it waits and has not been woken.
        woken: true if it can continue because the event it waited for occurred, not because of its timeout.
        check: checks for the event outside of this process; returns None until the event occurs.
        found: the value that `check` returned.
        real: returns the kind of real wait: "" (none), "paced" (a child process) or "engine" (a response).
        on_end: called when it ends.
        alarmed: true if an alarm has gone off and the main thread must run its handler.
    """

    __slots__ = (
        "alarmed", "aside", "check", "found", "gate", "ident", "on_end", "real", "turn", "waiting", "woken"
    )  # fmt: skip

    def __init__(self) -> None:
        self.ident = 0
        self.turn = 0
        self.waiting = self.woken = self.alarmed = self.aside = False
        self.check: Callable[[], object] | None = None
        self.found: object = None
        self.real: Callable[[], str] = lambda: ""
        self.on_end: list[Callable[[], None]] = []
        self.gate = allocate_really()
        self.gate.acquire()


class Baton:
    """Passes the baton from thread to thread. It has no effect before `start`.

    Attributes:
        current: the thread that has the baton.
        main: the thread that runs signal handlers.
        ready: the runnable threads, in order.
        handed_over: the number of times the baton was passed.
        calling: true while an AWS call is in progress or no invocation is running.
        idle: true if no thread can run and the clock is about to advance.
        alarm_us, alarm_every_us: the time of the alarm, or 0, and its repeat interval.
        alarms: counts the alarms that have gone off.
        on_second: called before a second thread is started.
    """

    def __init__(self) -> None:
        self.active = False
        self.current = Member()
        self.main = self.current
        self.ready: deque[Member] = deque()
        self.members: dict[int, Member] = {}
        self.handed_over = 0
        self.calling = self.idle = False
        self.alarm_us = self.alarm_every_us = self.alarms = 0
        self.on_second: Callable[[], None] = lambda: None
        self.senders: dict[int, str] = {}  # threads making calls that take time on the clock
        # those that may hold a lock, because they are not waiting for a response yet
        self.sending: set[str] = set()
        self._timers: list[tuple[int, int, Member, int]] = []
        self._numbers = 0
        self._watching: list[Member] = []
        self._calls: dict[str, Member] = {}
        self._aside = 0
        self._polls, self._step_us = 0, 1
        self._reads = 0
        self._failure: Exception | None = None
        self.clock: Clock

    def start(self, clock: Clock) -> None:
        """Pass the baton to this thread. Threads that it starts from now on are scheduled."""
        self.clock = clock
        self._become_only()
        self.active = True

    def _become_only(self) -> None:
        self.main = self.current = Member()
        self.current.ident = _get_ident()
        self.members = {self.current.ident: self.current}
        self.ready.clear()
        self._timers.clear()
        self._watching.clear()
        self._calls.clear()
        self.senders.clear()
        self.sending.clear()
        self._aside = 0

    def forked(self) -> list[Member]:
        """Reset the baton in a forked process, in which this is the only thread. Return the other members."""
        others = [member for member in self.members.values() if member is not self.current]
        self._become_only()
        return others

    @property
    def alone(self) -> bool:
        """Return whether no other thread is scheduled."""
        return len(self.members) == 1

    def me(self) -> Member | None:
        """Return this thread's member once it has the baton, or None if the thread is not scheduled."""
        if not self.active:
            return None
        me = self.current
        ident = _get_ident()
        if me.ident == ident:
            return me
        own = self.members.get(ident)
        if own is not None and own.aside:
            self._come_back(own)
        return own

    # Threads that start and end

    def add(self) -> Member:
        """Create a member for a thread that is about to start."""
        if self.alone:
            self.on_second()
        return Member()

    def begin(self, member: Member) -> None:
        """Wait for the baton, in a new thread."""
        member.gate.acquire()

    def began(self, member: Member, ident: int) -> None:
        """Register a new thread, which runs when its turn comes."""
        member.ident = ident
        self.members[ident] = member
        self.ready.append(member)

    def end(self, me: Member) -> None:
        """Pass the baton on for good."""
        if me.aside:
            self._come_back(me)
        for callback in me.on_end:
            callback()
        self.members.pop(me.ident, None)
        self._hand_on()

    # Waiting

    def wait(self, deadline_us: int | None = None) -> bool:
        """Make this thread, which has the baton, wait until `wake` is called for it, or until a time.

        Returns:
            False if the time came first.
        """
        me = self.current
        me.turn += 1
        me.waiting, me.woken = True, False
        self._polls, self._step_us = 0, 1
        self._reads = 0
        if deadline_us is not None:
            self._numbers += 1
            heapq.heappush(self._timers, (deadline_us, self._numbers, me, me.turn))
        try:
            while True:
                self._switch(me)
                if self._failure and me is self.main:
                    self._fail()
                if me.alarmed:
                    me.alarmed = False
                    signal.raise_signal(signal.SIGALRM)
                if not me.waiting:
                    return me.woken
        except BaseException:
            if me.waiting:
                me.waiting = False
            raise

    def polled(self, longest_us: int = US) -> None:
        """Count a failed poll by this thread, which does not wait between polls and may poll forever.

        On a real machine, time passes during the polls. On the clock, it passes after many polls, in growing
        steps of up to `longest_us`, until the thread waits for something else.
        """
        self._polls += 1
        if self._polls >= _POLLS:
            step_us = min(self._step_us, longest_us)
            self.wait(self.clock.steady_us + step_us)
            self._step_us = 2 * step_us

    def read(self) -> None:
        """Count a read of the clock by any thread, so that loops that only read the clock can end."""
        self._reads += 1
        if self._reads >= _READS and self.me() is not None:
            self.wait(self.clock.steady_us + _READS_AT_ONCE * _READ_US)
            self._reads = _READS - _READS_AT_ONCE

    def _fail(self) -> NoReturn:
        failure, self._failure = self._failure, None
        assert failure
        raise failure

    def pause(self) -> None:
        """Let the other runnable threads run."""
        if self.ready:
            me = self.current
            self.ready.append(me)
            self._switch(me)

    def wake(self, member: Member) -> None:
        """Wake a waiting thread."""
        if member.waiting:
            member.waiting, member.woken = False, True
            self.ready.append(member)

    def watch(
        self, check: Callable[[], object], deadline_us: int | None, real: Callable[[], str] = lambda: ""
    ) -> object:
        """Wait for an event outside of this process, or until a time.

        Args:
            check: returns a value for the event, or None until it occurs. Any thread may call it.
            real: see Member.

        Returns:
            the value that `check` returned, or None if the time came first.
        """
        found = check()
        if found is not None:
            return found
        me = self.current
        me.check, me.found, me.real = check, None, real
        self._watching.append(me)
        try:
            self.wait(deadline_us)
        finally:
            if me in self._watching:
                self._watching.remove(me)
            me.check = None
        return me.found

    def call(self, name: str, deadline_us: int | None) -> bool:
        """Wait for the response to a call that takes time on the clock. Return False if a time came first."""
        self._calls[name] = self.current
        try:
            return self.wait(deadline_us)
        finally:
            self._calls.pop(name, None)

    @property
    def calls(self) -> list[str]:
        """Return the calls that take time on the clock and that threads wait for."""
        return list(self._calls)

    # Handing over

    def _switch(self, me: Member) -> None:
        while not self.ready:
            self._idle()
        following = self.ready.popleft()
        if following is not me:
            self.current = following
            self.handed_over += 1
            following.gate.release()
            me.gate.acquire()

    def _hand_on(self) -> None:
        while not self.ready:
            try:
                self._idle()
            except Exception as error:
                self._failure = error
                self.ready.append(self.main)
        self.current = self.ready.popleft()
        self.handed_over += 1
        self.current.gate.release()

    def _idle(self) -> None:
        """Check for outside events or advance the clock, because no thread can run."""
        self.idle = True
        try:
            self._let_pass()
        finally:
            self.idle = False

    def _let_pass(self) -> None:
        if self._look_outside() or self._ring():
            return
        until_us = self._next_us()
        if self._watching and not self._wait_really(until_us):
            return
        if self._aside and not self._wait_beside(until_us):
            return
        for call in self.clock.rest(until_us, list(self._calls)):
            member = self._calls.pop(call, None)
            if member:
                self.wake(member)
        self._look_outside()
        self._ring()

    def _next_us(self) -> int:
        while self._timers and not self._stands(self._timers[0]):
            heapq.heappop(self._timers)
        moments = [self.clock.deadline_us]
        if self._timers:
            moments.append(self._timers[0][0])
        if self.alarm_us:
            moments.append(self.alarm_us)
        return min(moments)

    def _ring(self) -> bool:
        """Wake the threads whose wake-up time has been reached. Return whether there were any."""
        rung = False
        while self._timers and self._timers[0][0] <= self.clock.steady_us:
            entry = heapq.heappop(self._timers)
            if self._stands(entry):
                entry[2].waiting = False
                self.ready.append(entry[2])
                rung = True
        if self.alarm_us and self.alarm_us <= self.clock.steady_us:
            self.alarm_us = self.alarm_us + self.alarm_every_us if self.alarm_every_us else 0
            self.alarms += 1
            rung = True
            if self.main.aside:
                signal.pthread_kill(self.main.ident, signal.SIGALRM)
            else:
                self.main.alarmed = True
                self.ready.append(self.main)  # to run the handler; its wait continues afterwards
        return rung

    @staticmethod
    def _stands(entry: tuple[int, int, Member, int]) -> bool:
        return entry[2].waiting and entry[2].turn == entry[3]

    def _look_outside(self) -> bool:
        for member in list(self._watching):
            if member.check and member.waiting:
                member.found = member.check()
                if member.found is not None:
                    self._watching.remove(member)
                    self.wake(member)
        return bool(self.ready)

    def _real_end(self, until_us: int) -> float:
        """Convert a time to real time. The function's timeout has no real time, because it is virtual."""
        if until_us >= self.clock.deadline_us:
            return math.inf
        return _real_monotonic() + (until_us - self.clock.steady_us) / US

    def _wait_really(self, until_us: int) -> bool:
        """Wait while outside events take real time. Return True when the clock must advance."""
        kinds = {member.real() for member in self._watching}
        end = self._real_end(until_us)
        pause_s, longest_s = _POLL_S
        while not self._look_outside():  # check afterwards: a child may just have exited
            if kinds == {""} or ("engine" not in kinds and _real_monotonic() >= end):
                return True
            _real_sleep(pause_s)
            pause_s = min(2 * pause_s, longest_s)
            kinds = {member.real() for member in self._watching}
        return False

    # Threads that run without the baton

    def set_aside(self) -> bool:
        """Let other threads run in parallel with the holder of the baton. Called by an unscheduled thread.

        Returns:
            False if there are no other threads.
        """
        me = self.current
        if me.aside or not (self.ready or self._timers or self._watching or self._calls):
            return False
        me.aside = True
        self._aside += 1
        self.current = Member()
        self._hand_on()
        return True

    def _come_back(self, me: Member) -> None:
        """Wait in line for the baton, in a thread that ran without it."""
        me.aside = False
        self.ready.append(me)
        self._aside -= 1
        me.gate.acquire()

    def _wait_beside(self, until_us: int) -> bool:
        """Wait for threads without the baton; return True if the same amount of real time passes first."""
        end = self._real_end(until_us)
        pause_s, longest_s = _POLL_S
        while self._aside and not self.ready and not self._look_outside():
            if _real_monotonic() >= end:
                return True
            _real_sleep(pause_s)
            pause_s = min(2 * pause_s, longest_s)
        return False


BATON = Baton()
"""The baton of this process."""


def deadline_of(clock: Clock, timeout_s: float) -> int:
    """Return the time some seconds from now, at least one microsecond ahead."""
    left_s = (clock.deadline_us - clock.steady_us) / US + 1  # no thread wakes up after that
    return clock.steady_us + max(round(min(timeout_s, left_s) * US), 1)
