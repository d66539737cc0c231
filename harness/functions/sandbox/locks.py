"""Locks that pass the baton on while a thread waits for them. Without a virtual clock, they are plain locks.

They are real locks, so that unscheduled threads respect them, too; only waiting differs. `threading` builds
its other primitives on them: conditions, events, semaphores, barriers, and therefore queues and executors.
"""

from __future__ import annotations

import _thread
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

from .baton import BATON, Member, deadline_of

_allocate_lock = _thread.allocate_lock
_RealRLock: Any = _thread.RLock
_real_monotonic, _real_sleep = time.monotonic, time.sleep
_SENDER_S = 1.0
"""A time limit longer than any thread holds a lock during a call, because such a lock only protects taking
and returning connections.
"""


def _wait(
    waiters: deque[Member], take: Callable[[bool], bool], blocking: bool, timeout: float
) -> bool | None:
    """Wait for a lock that is taken; return None in a thread whose waits are real."""
    me = BATON.me()
    if me is None or (not blocking and timeout != -1):
        return None
    if not blocking:
        if take(False):
            return True
        BATON.polled()
        return False
    deadline_us = None
    if timeout != -1:
        _allocate_lock().acquire(True, timeout)  # rejects an invalid timeout
        deadline_us = deadline_of(BATON.clock, timeout)
    if BATON.sending and _take_from_sender(take):
        return True
    woken = True
    queue = waiters.append
    while not take(False):
        if not woken or timeout == 0:
            return False
        queue(me)
        queue = waiters.appendleft  # another thread was faster: this one stays first
        try:
            woken = BATON.wait(deadline_us)
        finally:
            if me in waiters:
                waiters.remove(me)
    return True


def _take_from_sender(take: Callable[[bool], bool]) -> bool:
    """Wait in real time for a lock that a thread with a call may hold, while keeping the baton."""
    end_s = _real_monotonic() + _SENDER_S
    while BATON.sending and _real_monotonic() < end_s:
        if take(False):
            return True
        _real_sleep(0)
    return False


class Lock:
    """A replacement for `_thread.lock`."""

    __slots__ = ("__weakref__", "_real", "_waiters")

    def __init__(self) -> None:
        self._real = _allocate_lock()
        self._waiters: deque[Member] | None = None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock. Return False if the wait timed out."""
        if timeout == -1 and self._real.acquire(False):
            return True
        if not BATON.active:
            return self._real.acquire(blocking, timeout)
        if self._waiters is None:
            self._waiters = deque()
        taken = _wait(self._waiters, self._real.acquire, blocking, timeout)
        return self._real.acquire(blocking, timeout) if taken is None else taken

    acquire_lock = __enter__ = acquire

    def release(self) -> None:
        """Release the lock."""
        self._real.release()
        if self._waiters:
            BATON.wake(self._waiters.popleft())

    release_lock = release

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._real.release()
        if self._waiters:
            BATON.wake(self._waiters.popleft())

    def locked(self) -> bool:
        """Return whether the lock is taken."""
        return self._real.locked()

    locked_lock = locked
    _is_owned = locked  # conditions would try to acquire it

    def _at_fork_reinit(self) -> None:
        self._real = _allocate_lock()
        self._waiters = None

    def __reduce__(self) -> str:
        raise TypeError("cannot pickle '_thread.lock' object")

    def __repr__(self) -> str:
        return repr(self._real)


class RLock(_RealRLock):  # type: ignore[misc]
    """A replacement for `_thread.RLock`."""

    __slots__ = ("_waiters",)
    _take, _give = _RealRLock.acquire, _RealRLock.release

    def __init__(self) -> None:
        self._waiters: deque[Member] | None = None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock, possibly again. Return False if the wait timed out."""
        if timeout == -1 and self._take(False):
            return True
        if not BATON.active:
            return bool(self._take(blocking, timeout))
        if self._waiters is None:
            self._waiters = deque()
        taken = _wait(self._waiters, self._take, blocking, timeout)
        return bool(self._take(blocking, timeout)) if taken is None else taken

    __enter__ = acquire

    def release(self) -> None:
        """Release the lock, which must be released as often as it was acquired."""
        self._give()
        if self._waiters and not self._is_owned():
            BATON.wake(self._waiters.popleft())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _release_save(self) -> tuple[int, int]:
        state: tuple[int, int] = super()._release_save()
        if self._waiters:
            BATON.wake(self._waiters.popleft())
        return state

    def _acquire_restore(self, state: tuple[int, int]) -> None:
        for _ in range(state[0]):
            self.acquire()

    def _at_fork_reinit(self) -> None:
        super()._at_fork_reinit()
        self._waiters = None


for _class, _name in ((Lock, "lock"), (RLock, "RLock")):
    _class.__module__, _class.__qualname__, _class.__name__ = "_thread", _name, _name
