"""Things that happen one after the other, for those who wait for the next; any thread may use them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Generic, TypeAlias, TypeVar

from harness.functions.shared.model import Invocation

T = TypeVar("T")


class Sequel(Generic[T]):
    """Things that have happened since they were last forgotten, in their order."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._all: list[T] = []

    def __iter__(self) -> Iterator[T]:
        with self._changed:
            return iter(self._all[:])

    def __len__(self) -> int:
        return len(self._all)

    def add(self, one: T) -> None:
        """Add the one that has happened now."""
        with self._changed:
            self._all.append(one)
            self._changed.notify_all()

    def forget(self) -> None:
        """Forget all."""
        with self._changed:
            self._all.clear()

    def after(self, seen: int, timeout_s: float) -> list[T]:
        """List those after the first `seen`; waits up to `timeout_s` of real time until there are any."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._all) > seen, timeout_s)
            return self._all[seen:]


EndedInvocations: TypeAlias = Sequel[Invocation]
"""The invocations as they end."""
