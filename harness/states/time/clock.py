"""A simulation's single clock: virtual time that jumps, or real time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final, Protocol

# 2025-01-01T00:00:00Z: fixed, so that histories are the same in every run.
DEFAULT_START: Final = 1_735_689_600.0


class Clock(Protocol):
    """The scheduler's time, in seconds since 1970."""

    virtual: bool

    def now(self) -> float:
        """Return the time."""

    def jump(self, to: float) -> None:
        """Jump to a time that is not in the past. Only virtual clocks support this."""

    def paced(self, until: float) -> AbstractContextManager[None]:
        """Let the clock run in real time within the `with` block, up to a given time."""


class VirtualClock:
    """A clock that stands still, except when it jumps or runs in real time."""

    virtual = True

    def __init__(self, start: float = DEFAULT_START) -> None:
        self._now = start
        self._paced: tuple[float, float] | None = None

    def now(self) -> float:
        """Return the time."""
        paced = self._paced
        if paced is None:
            return self._now
        began, until = paced
        return min(until, self._now + time.monotonic() - began)

    @contextmanager
    def paced(self, until: float) -> Iterator[None]:
        """Let the clock run in real time within the `with` block, and stop it at a given time."""
        self._paced = (time.monotonic(), max(until, self._now))
        try:
            yield
        finally:
            self._now, self._paced = self.now(), None

    def jump(self, to: float) -> None:
        """Move to a later time.

        Raises:
            ValueError: the time is in the past.
        """
        if to < self._now:
            raise ValueError(f"time cannot run backwards from {self._now} to {to}")
        self._now = to


class RealClock:
    """The computer's time."""

    virtual = False

    def now(self) -> float:
        """Return the time."""
        return time.time()

    def jump(self, to: float) -> None:
        """Do nothing: real time has already passed when the scheduler calls this."""

    def paced(self, until: float) -> AbstractContextManager[None]:
        """Do nothing: this clock always runs in real time."""
        return nullcontext()
