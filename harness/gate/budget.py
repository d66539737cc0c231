"""The real time that the gate may take. It decides what is begun, never how something that was begun ends."""

from __future__ import annotations

import time
from collections.abc import Callable


class Budget:
    """A number of seconds from now on; None is without end. `clock` gives seconds, by default real ones."""

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._began = clock()

    @property
    def spent_s(self) -> float:
        """The seconds since it began."""
        return self._clock() - self._began

    def end(self) -> None:
        """Let what is left be done whatever the time: it takes next to none."""
        self._seconds = None

    def part(self, share: float) -> Budget:
        """A budget of a share of what is left."""
        left = None if self._seconds is None else max(0.0, self._seconds - self.spent_s) * share
        return Budget(left, self._clock)

    @property
    def over(self) -> bool:
        """Tell whether nothing more is to be begun."""
        return self._seconds is not None and self.spent_s >= self._seconds
