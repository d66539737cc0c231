"""The start of a task's real work in a thread: early, or when the scheduler waits for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Start:
    """Starts `call` once, in a thread of `pool` or in one of its own."""

    def __init__(self, pool: ThreadPoolExecutor, call: Callable[[], None]) -> None:
        self._pool = pool
        self._call = call
        self._queued: Future[None] | None = None

    def soon(self) -> None:
        """Start when the pool has a thread to spare. Does nothing when the pool was shut down."""
        with contextlib.suppress(RuntimeError):
            self._queued = self._pool.submit(self._call)

    def now(self) -> None:
        """See that it starts now, though all threads of the pool may wait for what comes after it."""
        if self._queued is None:
            self.soon()
        elif self._queued.cancel():
            threading.Thread(target=self._call, daemon=True).start()
