"""The start of a task's real work in a thread, either early or when the scheduler waits for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Start:
    """Starts `call` once, in a thread of `pool` or in a separate thread."""

    def __init__(self, pool: ThreadPoolExecutor, call: Callable[[], None]) -> None:
        self._pool = pool
        self._call = call
        self._queued: Future[None] | None = None
        self._sure = False

    def soon(self) -> None:
        """Start as soon as the pool has a free thread. Do nothing after the pool has been shut down."""
        with contextlib.suppress(RuntimeError):
            self._queued = self._pool.submit(self._call)

    def now(self) -> None:
        """Make sure that the call starts now, even if all threads in the pool are waiting for later work."""
        if self._queued is None:
            self.soon()
        elif not self._sure and self._queued.cancel():  # also true if it was already cancelled
            threading.Thread(target=self._call, daemon=True).start()
        self._sure = True
