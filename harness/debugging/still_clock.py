"""A clock of real time that stands still while somebody is debugged."""

from __future__ import annotations

import threading
import time


class StillClock:
    """The clock of a desk; see `polling.Clock`. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held_s = 0.0
        self._held_since: float | None = None

    def monotonic(self) -> float:
        """Seconds that never run backwards, without those in which somebody was debugged."""
        with self._lock:
            now = time.monotonic()
            return now - self._held_s - (0.0 if self._held_since is None else now - self._held_since)

    def sleep(self, seconds: float) -> None:
        """Wait that long."""
        time.sleep(seconds)

    def hold(self, held: bool) -> None:
        """Let it stand still, or go on."""
        with self._lock:
            if held and self._held_since is None:
                self._held_since = time.monotonic()
            elif not held and self._held_since is not None:
                self._held_s += time.monotonic() - self._held_since
                self._held_since = None
