"""The project's only polling function."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """The clock that waiting uses. Tests pass a different clock."""

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for this number of seconds."""
        ...


@dataclass
class PollTimeout(Exception):
    """The condition was not met in time. `last` is the last value, or None if there was no value."""

    what: str
    timeout_s: float
    last: object

    def __str__(self) -> str:
        return f"{self.what}: not reached after {self.timeout_s:g} s of real time (last value: {self.last})"


def poll(
    probe: Callable[[], T],
    done: Callable[[T], bool],
    *,
    what: str,
    timeout_s: float,
    first_s: float = 0.01,
    most_s: float = 0.5,
    clock: Clock = time,
) -> T:
    """Return the first result of `probe` that is `done`. The pauses double from `first_s` to `most_s`.

    Raises PollTimeout with the last result when `timeout_s` seconds have passed.
    """
    deadline = clock.monotonic() + timeout_s
    pause = first_s
    while True:
        seen = probe()
        if done(seen):
            return seen
        left = deadline - clock.monotonic()
        if left <= 0:
            raise PollTimeout(what, timeout_s, seen)
        clock.sleep(min(pause, left))
        pause = min(pause * 2, most_s)
