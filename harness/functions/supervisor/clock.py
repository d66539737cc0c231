"""The supervisor's view of an environment's clock: real time, or a virtual time that its sleeps advance."""

from __future__ import annotations

import time


class FunctionClock:
    """The time in one environment. `now_s` is the virtual time as Unix time, or None for real time.

    Virtual times are whole microseconds, so that their sums and differences are exact.
    """

    def __init__(self, now_s: float | None) -> None:
        self._now_s: float | None = None
        self.set(now_s)

    @property
    def virtual(self) -> bool:
        """Return whether the clock stands still until it is set."""
        return self._now_s is not None

    def set(self, now_s: float | None) -> None:
        """Set the clock to `now_s`, or to the real time."""
        self._now_s = None if now_s is None else round(now_s, 6)

    def unix_s(self) -> float:
        """Return the Unix time."""
        return time.time() if self._now_s is None else self._now_s

    def steady_s(self) -> float:
        """Return a time in seconds that only moves forward, for measuring durations."""
        return time.monotonic() if self._now_s is None else self._now_s

    def since_s(self, steady_s: float) -> float:
        """Return the seconds since `steady_s`."""
        passed_s = self.steady_s() - steady_s
        return round(passed_s, 6) if self.virtual else passed_s
