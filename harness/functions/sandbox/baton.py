"""The threads of a function under virtual time run one at a time: whoever has the baton.

A thread keeps it until it waits (for a lock, a time, a descriptor, a child process, a call that lasts on the
clock) or ends; then the next one that can go on gets it, first come first served. So every interleaving is
the same on every run. When nobody can go on, whoever gave the baton up last lets time pass (`Clock.rest`).

What threads wait with is replaced by what calls `wait`, `watch` and `wake` here; see `virtual_time`. A thread
that Python did not start does not take part: it waits really.

Two things are real. Waiting for a child process takes real time, and no time on the clock; a time-out of it
strikes after as much real time, at its moment on the clock. A thread that computes for seconds while others
could go on, such as one that waits in a loop for a variable, loses the baton without stopping (`watchdog`).
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
"""The pauses between two looks at what is outside of this process: the first one, and the longest."""
_POLLS = 1000
"""Looks in vain of a thread before time passes."""
_READS, _READS_AT_ONCE, _READ_US = 100_000, 10_000, 10
"""Reads of the time before it passes; the further reads after which it does; what each of them takes then."""


class Clock(Protocol):
    """The clock as the baton sees it; times are microseconds of `time.monotonic`.

    Attributes:
        steady_us: the time.
        deadline_us: when the function's time-out strikes.
    """

    steady_us: int
    deadline_us: int

    def rest(self, until_us: int, calls: list[str]) -> list[str]:
        """Let time pass until then, or until some of the calls are answered; give those.

        Raises:
            OSError, RuntimeError: whoever holds the time has gone, or refuses.
        """


class Member:
    """A thread that takes part.

    Attributes:
        ident: the number that Python gives the thread; 0 before it has begun.
        gate: is taken while it does not have the baton.
        aside: it goes on without the baton, see `Baton.set_aside`.
        turn: counts its waits.
        waiting: true while it waits and nobody has said that it can go on.
        woken: it can go on because of what it waited for, and not because of the time.
        check: looks at what it waits for outside of this process; gives None while that is not there.
        found: what `check` gave.
        real: says if that takes real time: "" for no, "paced" for a child process, "engine" for an answer.
        on_end: called when it ends.
        alarmed: an alarm has gone off, for which the main thread runs a handler.
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
    """Hands itself from thread to thread. Nothing happens before `start`.

    Attributes:
        current: whoever has it.
        main: the thread that runs handlers of signals.
        ready: those that can go on, in their order.
        handed_over: counts how often it was handed on.
        calling: an AWS call is being answered, or there is no invocation.
        idle: nobody can go on, and time is about to pass.
        alarm_us, alarm_every_us: when the alarm goes off, 0 for none, and after how long again.
        alarms: counts the alarms that went off.
        on_second: called when a second thread is about to be started.
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
        self.senders: dict[int, str] = {}  # threads that make calls which last on the clock
        self.sending: set[str] = set()  # those of them that may have a lock: they do not wait for an answer
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
        """From now on this thread has the baton, and those that it starts take part."""
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
        """Go on in a forked process, whose only thread is this one; give those that are gone."""
        others = [member for member in self.members.values() if member is not self.current]
        self._become_only()
        return others

    @property
    def alone(self) -> bool:
        """True when there is no other thread that takes part."""
        return len(self.members) == 1

    def me(self) -> Member | None:
        """Give the member that this thread is, with the baton; None when it does not take part."""
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

    # Threads that begin and end

    def add(self) -> Member:
        """Make a member for a thread that is about to be started."""
        if self.alone:
            self.on_second()
        return Member()

    def begin(self, member: Member) -> None:
        """Wait for the baton, in a new thread."""
        member.gate.acquire()

    def began(self, member: Member, ident: int) -> None:
        """A new thread is there; it runs when its turn comes."""
        member.ident = ident
        self.members[ident] = member
        self.ready.append(member)

    def end(self, me: Member) -> None:
        """Hand the baton on for good."""
        if me.aside:
            self._come_back(me)
        for callback in me.on_end:
            callback()
        self.members.pop(me.ident, None)
        self._hand_on()

    # Waiting

    def wait(self, deadline_us: int | None = None) -> bool:
        """Wait until somebody calls `wake` for this thread, which has the baton, or until a time.

        Returns:
            False when it was the time.
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
        """This thread has looked for something in vain, and did not wait: it may do so without end.

        On a real machine time passes meanwhile. Here it does after many looks, longer each time, up to
        `longest_us`; until the thread waits for something else.
        """
        self._polls += 1
        if self._polls >= _POLLS:
            step_us = min(self._step_us, longest_us)
            self.wait(self.clock.steady_us + step_us)
            self._step_us = 2 * step_us

    def read(self) -> None:
        """The time is read, by any thread: a loop that does nothing else until a moment has to come to it."""
        self._reads += 1
        if self._reads >= _READS and self.me() is not None:
            self.wait(self.clock.steady_us + _READS_AT_ONCE * _READ_US)
            self._reads = _READS - _READS_AT_ONCE

    def _fail(self) -> NoReturn:
        failure, self._failure = self._failure, None
        assert failure
        raise failure

    def pause(self) -> None:
        """Let those run that can."""
        if self.ready:
            me = self.current
            self.ready.append(me)
            self._switch(me)

    def wake(self, member: Member) -> None:
        """Let a thread go on that waits."""
        if member.waiting:
            member.waiting, member.woken = False, True
            self.ready.append(member)

    def watch(
        self, check: Callable[[], object], deadline_us: int | None, real: Callable[[], str] = lambda: ""
    ) -> object:
        """Wait until something outside of this process is there, or until a time.

        Args:
            check: gives it, None while it is not there. Called by any thread.
            real: see Member.

        Returns:
            what `check` gave; None when the time came first.
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
        """Wait until a call that lasts on the clock is answered; False when a time came first."""
        self._calls[name] = self.current
        try:
            return self.wait(deadline_us)
        finally:
            self._calls.pop(name, None)

    @property
    def calls(self) -> list[str]:
        """The calls that last on the clock and for which somebody waits."""
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
        """Nobody can go on: look outside, or let time pass."""
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
        """Let those go on whose time has come; tells if there are any."""
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
                self.ready.append(self.main)  # for the handler; it waits on if that lets it
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
        """Give the real time at which a moment comes. The function's time-out never does: that is virtual."""
        if until_us >= self.clock.deadline_us:
            return math.inf
        return _real_monotonic() + (until_us - self.clock.steady_us) / US

    def _wait_really(self, until_us: int) -> bool:
        """Wait as long as something outside takes real time; True when time is to pass on the clock."""
        kinds = {member.real() for member in self._watching}
        end = self._real_end(until_us)
        pause_s, longest_s = _POLL_S
        while not self._look_outside():  # after that: a child may just have ended
            if kinds == {""} or ("engine" not in kinds and _real_monotonic() >= end):
                return True
            _real_sleep(pause_s)
            pause_s = min(2 * pause_s, longest_s)
            kinds = {member.real() for member in self._watching}
        return False

    # Threads that go on without the baton

    def set_aside(self) -> bool:
        """Let others run beside the thread that has the baton; called by a thread that takes no part.

        Returns:
            False when there are no others.
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
        """Queue for the baton, in a thread that went on without it."""
        me.aside = False
        self.ready.append(me)
        self._aside -= 1
        me.gate.acquire()

    def _wait_beside(self, until_us: int) -> bool:
        """Wait for threads that go on without the baton; True when as much real time has passed."""
        end = self._real_end(until_us)
        pause_s, longest_s = _POLL_S
        while self._aside and not self.ready and not self._look_outside():
            if _real_monotonic() >= end:
                return True
            _real_sleep(pause_s)
            pause_s = min(2 * pause_s, longest_s)
        return False


BATON = Baton()
"""The one of this process."""


def deadline_of(clock: Clock, timeout_s: float) -> int:
    """Give the moment that is some seconds away, at least one microsecond."""
    left_s = (clock.deadline_us - clock.steady_us) / US + 1  # beyond that nobody wakes up
    return clock.steady_us + max(round(min(timeout_s, left_s) * US), 1)
