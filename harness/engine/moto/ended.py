"""The invocations that have ended, in that order; any thread may use them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from harness.functions.shared.model import Invocation


class EndedInvocations:
    """The invocations since they were last forgotten."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._all: list[Invocation] = []

    def __iter__(self) -> Iterator[Invocation]:
        with self._changed:
            return iter(self._all[:])

    def add(self, invocation: Invocation) -> None:
        """Add one that has ended."""
        with self._changed:
            self._all.append(invocation)
            self._changed.notify_all()

    def forget(self) -> None:
        """Forget all."""
        with self._changed:
            self._all.clear()

    def after(self, seen: int, timeout_s: float) -> list[Invocation]:
        """List those after the first `seen`; waits up to `timeout_s` of real time until there are any."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._all) > seen, timeout_s)
            return self._all[seen:]
