"""The real time that the gate may take. Work still in progress when the time is up is discarded."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, TypeVar

Item = TypeVar("Item")


class TimeUp(BaseException):
    """Time ran out during a wait. Not an Exception, so that no handler mistakes it for a bug."""


class Budget:
    """A time budget in seconds, from now on. None means unlimited. `clock` returns seconds. Default: real
    time.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._began = clock()

    @property
    def spent_s(self) -> float:
        """Return the seconds since the start."""
        return self._clock() - self._began

    def within(self, items: Iterator[Item]) -> Iterator[Item]:
        """Yield items until the time is up. An item in progress at that point is interrupted and discarded.

        `items` is always closed.
        """
        try:
            while not self.over:
                try:
                    with self._alarm():
                        found = next(items, None)
                except TimeUp:
                    return
                if found is None:
                    return
                yield found
        finally:
            if isinstance(items, Generator):
                items.close()

    @contextmanager
    def _alarm(self) -> Iterator[None]:
        """Raise TimeUp when the time is up. Does not work in a thread, because threads receive no signals."""
        if self._seconds is None or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, _time_is_up)
        signal.setitimer(signal.ITIMER_REAL, max(self._seconds - self.spent_s, 0.001))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def part(self, share: float) -> Budget:
        """Return a budget for a share of the remaining time."""
        left = None if self._seconds is None else max(0.0, self._seconds - self.spent_s) * share
        return Budget(left, self._clock)

    @property
    def over(self) -> bool:
        """Return whether new work must not start."""
        return self._seconds is not None and self.spent_s >= self._seconds


def _time_is_up(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TimeUp
