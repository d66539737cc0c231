"""Turns: calls to services are made one after another, in the order in which their tasks were started.

The scheduler starts the tasks of one virtual moment in a fixed order. Were their calls made side by side,
luck would decide which of two conditional writes wins. A call keeps its turn until it is answered, or until
it waits for others (`pass_on`), for example for a function that a message invokes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Turns:
    """The queue of one simulation. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting: deque[tuple[str, Callable[[], object], bool]] = deque()
        self._current: str | None = None

    def add(self, name: str, begin: Callable[[], object], *, keeps: bool) -> None:
        """Queue work; `begin` is called when its turn comes, and must not wait.

        Args:
            name: for `pass_on`; each may be used once.
            keeps: what comes after it waits until it is passed on.
        """
        with self._lock:
            self._waiting.append((name, begin, keeps))
            self._advance()

    def pass_on(self, name: str) -> None:
        """Give the turn to the next one. Does nothing when this one does not have it."""
        with self._lock:
            if self._current == name:
                self._current = None
                self._advance()

    def clear(self) -> None:
        """Forget what has not begun."""
        with self._lock:
            self._waiting.clear()

    def _advance(self) -> None:
        while self._current is None and self._waiting:
            name, begin, keeps = self._waiting.popleft()
            if keeps:
                self._current = name
            begin()
