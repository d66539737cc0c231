"""The time of this process: the world's, wherever it is read.

moto's services read the time in some 180 of their modules. The library time-machine redirects the C functions
behind `time.time()`, `datetime.now()` and their like, whoever imported them and when; here they give the time
of the simulation's clock, which is the computer's in the mode REAL. A request that is made for a task or an
invocation has that one's own time (`at`).

Real stay `time.monotonic()` and `time.perf_counter()`, with which locks and sockets count their time-outs,
and `real_time`.
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
    """The time of a thread's request; None for the clock's."""

    now: Callable[[], float] | None = None


_THREAD: Final = _Thread()


class WorldTime:
    """Tells time-machine the time of a clock.

    Attributes:
        clock: the simulation's.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._library = _time_machine()

    def install(self) -> None:
        """Redirect every reading of the time in this process, for good."""
        traveller: Any = self._library.travel(0, tick=False).start()
        traveller.time_ns = self.time_ns

    def time_ns(self) -> int:
        """Give the nanoseconds since 1970, in whole microseconds, as functions count."""
        if not self.clock.virtual:
            return int(self._library.escape_hatch.time.time_ns())
        now = _THREAD.now or self.clock.now
        return round(now() * _US) * 1000


def real_time() -> float:
    """Give the computer's time, in seconds since 1970."""
    return float(_time_machine().escape_hatch.time.time())


@contextmanager
def at(now: Callable[[], float] | None) -> Iterator[None]:
    """Let `now` tell this thread the time meanwhile, in seconds since 1970; None: the clock does."""
    before, _THREAD.now = _THREAD.now, now
    try:
        yield
    finally:
        _THREAD.now = before


def _time_machine() -> Any:
    """Import time-machine without its plugin for pytest, which takes three times as long as all the rest."""
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
