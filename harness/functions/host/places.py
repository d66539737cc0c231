"""A limit on the number of processes that work concurrently. It only delays the start of invocations."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager


def default_limit() -> int:
    """Return how many environments can work at once: some compute while others wait for AWS calls."""
    return max(4, 2 * (os.cpu_count() or 1))


class Places:
    """Slots ("places") for working invocations, first come, first served. Thread-safe.

    An invocation that sleeps on the clock, or waits for a response, needs no place. An invocation that the
    clock waits for gets a place immediately, even beyond the limit, because the others may be waiting for its
    caller.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, threading.Event] = OrderedDict()
        self._begun: set[str] = set()
        self._lent: set[str] = set()
        self._awaited: set[str] = set()

    @contextmanager
    def of(self, request_id: str) -> Iterator[None]:
        """Wait for an invocation's place, and hold it during the `with` block."""
        turn = threading.Event()
        with self._lock:
            self._waiting[request_id] = turn
            if request_id in self._awaited:
                self._begin(request_id)
            self._fill()
        turn.wait()
        try:
            yield
        finally:
            with self._lock:
                self._begun.discard(request_id)
                self._lent.discard(request_id)
                self._fill()

    def hurry(self, request_id: str) -> None:
        """Start an invocation immediately, even if it has not requested its place yet."""
        with self._lock:
            self._awaited.add(request_id)
            if request_id in self._waiting:
                self._begin(request_id)

    def forget(self, request_id: str) -> None:
        """Forget that a finished invocation was awaited."""
        with self._lock:
            self._awaited.discard(request_id)

    @contextmanager
    def lent(self, request_id: str) -> Iterator[None]:
        """Release an invocation's place while it waits. Afterwards it continues immediately, without waiting
        for a place.
        """
        with self._lock:
            lends = request_id in self._begun and request_id not in self._lent
            if lends:
                self._lent.add(request_id)
                self._fill()
        try:
            yield
        finally:
            if lends:
                with self._lock:
                    self._lent.discard(request_id)

    def _fill(self) -> None:
        while self._waiting and len(self._begun) - len(self._lent) < self._limit:
            self._begin(next(iter(self._waiting)))

    def _begin(self, request_id: str) -> None:
        self._begun.add(request_id)
        self._waiting.pop(request_id).set()
