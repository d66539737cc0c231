"""The one polling function of the project."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """The clock that waiting uses; tests pass their own."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that long."""
        ...


@dataclass
class PollTimeout(Exception):
    """Nothing came in time; `last` is what was seen last, None when nothing was."""

    what: str
    timeout_s: float
    last: object

    def __str__(self) -> str:
        return f"{self.what}: not after {self.timeout_s:g} s of real time (last seen: {self.last})"


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
    """The first answer of `probe` that is `done`; the pauses double from `first_s` to `most_s`.

    Raises PollTimeout with the last answer when `timeout_s` seconds have passed.
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
