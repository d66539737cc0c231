"""The time in this process. All code that reads the time gets the world's time.

About 180 modules in moto's services read the time. The time-machine library redirects the C
functions behind `time.time()`, `datetime.now()` and similar functions, even if they have already
been imported. They return the time on the simulation's clock, which is the computer's time in REAL
mode. A request from a task or an invocation has its own time (`at`).

`time.monotonic()` and `time.perf_counter()` still return real time, because locks and sockets use them for
timeouts. So does `real_time`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from harness.states import Clock

_US: Final = 1_000_000


class _Thread(threading.local):
    """The time function for a thread's current request. None means the time on the clock."""

    now: Callable[[], float] | None = None


_THREAD: Final = _Thread()


class WorldTime:
    """Passes the time on a clock to time-machine.

    Attributes:
        clock: the simulation's clock.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._library = _time_machine()

    def install(self) -> None:
        """Permanently redirect all reads of the time in this process."""
        traveller: Any = self._library.travel(0, tick=False).start()
        traveller.time_ns = self.time_ns

    def time_ns(self) -> int:
        """Return the nanoseconds since 1970, rounded to microseconds, as functions see them."""
        if not self.clock.virtual:
            return int(self._library.escape_hatch.time.time_ns())
        now = _THREAD.now or self.clock.now
        return round(now() * _US) * 1000


def real_time() -> float:
    """Return the computer's time, in seconds since 1970."""
    return float(_time_machine().escape_hatch.time.time())


@contextmanager
def at(now: Callable[[], float] | None) -> Iterator[None]:
    """Set this thread's time function, which returns seconds since 1970, in a `with` block.

    None uses the clock.
    """
    before, _THREAD.now = _THREAD.now, now
    try:
        yield
    finally:
        _THREAD.now = before


def _time_machine() -> Any:
    """Import time-machine without its pytest plugin.

    Importing the plugin takes three times as long as everything else.
    """
    if "time_machine" not in sys.modules:
        absent = "pytest" not in sys.modules
        if absent:
            sys.modules["pytest"] = None  # type: ignore[assignment]  # makes the import fail
        try:
            import time_machine  # noqa: F401, PLC0415
        finally:
            if absent:
                del sys.modules["pytest"]
    return sys.modules["time_machine"]
