"""The supervisor's view of an environment's clock: the real time, or a virtual time that its sleeps move."""

from __future__ import annotations

import time


class FunctionClock:
    """Tells the time of one environment: `now_s`, Unix time, when it is virtual, else (None) the real one.

    Virtual times are whole microseconds, so that sums and differences of them are exact ones too.
    """

    def __init__(self, now_s: float | None) -> None:
        self._now_s: float | None = None
        self.set(now_s)

    @property
    def virtual(self) -> bool:
        """Tell whether it stands still until it is set."""
        return self._now_s is not None

    def set(self, now_s: float | None) -> None:
        """It is `now_s`, or the real time."""
        self._now_s = None if now_s is None else round(now_s, 6)

    def unix_s(self) -> float:
        """Unix time."""
        return time.time() if self._now_s is None else self._now_s

    def steady_s(self) -> float:
        """A time in seconds that only moves forward, to measure with."""
        return time.monotonic() if self._now_s is None else self._now_s

    def since_s(self, steady_s: float) -> float:
        """The seconds since `steady_s`."""
        passed_s = self.steady_s() - steady_s
        return round(passed_s, 6) if self.virtual else passed_s
