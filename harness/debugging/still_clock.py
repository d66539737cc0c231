"""A real-time clock that stands still during debugging."""

from __future__ import annotations

import threading
import time


class StillClock:
    """A desk's clock; see `polling.Clock`. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held_s = 0.0
        self._held_since: float | None = None

    def monotonic(self) -> float:
        """Return monotonic seconds, excluding the time spent in debugging."""
        with self._lock:
            now = time.monotonic()
            return now - self._held_s - (0.0 if self._held_since is None else now - self._held_since)

    def sleep(self, seconds: float) -> None:
        """Wait for this many seconds."""
        time.sleep(seconds)

    def hold(self, held: bool) -> None:
        """Stop or continue the clock."""
        with self._lock:
            if held and self._held_since is None:
                self._held_since = time.monotonic()
            elif not held and self._held_since is not None:
                self._held_s += time.monotonic() - self._held_since
                self._held_since = None
