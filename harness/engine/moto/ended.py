"""A list of events in time order, for callers that wait for the next one. It is thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Generic, TypeAlias, TypeVar

from harness.functions.shared.model import Invocation

T = TypeVar("T")


class Sequel(Generic[T]):
    """The events since the last `clear`, in time order."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._all: list[T] = []

    def __iter__(self) -> Iterator[T]:
        with self._changed:
            return iter(self._all[:])

    def __len__(self) -> int:
        return len(self._all)

    def add(self, one: T) -> None:
        """Add an event that has just happened."""
        with self._changed:
            self._all.append(one)
            self._changed.notify_all()

    def forget(self) -> None:
        """Delete all events."""
        with self._changed:
            self._all.clear()

    def after(self, seen: int, timeout_s: float) -> list[T]:
        """List the events after the first `seen`. Waits up to `timeout_s` of real time for an event."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._all) > seen, timeout_s)
            return self._all[seen:]


EndedInvocations: TypeAlias = Sequel[Invocation]
"""The invocations, sorted by end time."""
