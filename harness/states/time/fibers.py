"""Fibers (generators), the signals that they wait for, and timers. The scheduler runs them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")

Steps: TypeAlias = Generator["Signal | None", Any, T]
"""A fiber's generator, with the type of its return value. A `yield` returns the value that its signal is set
to.
"""
EndCallback: TypeAlias = Callable[[T | None, Exception | None], None]
"""Called with the value or the error of a fiber that has ended."""
Ready: TypeAlias = "deque[tuple[Fiber[Any], object, Exception | None]]"
"""Fibers that are ready to run, in order, each with the value or error that it resumes with."""


class Signal:
    """An event that a fiber waits for. Only the first `set` or `fail` counts. Later calls are ignored."""

    __slots__ = ("_done", "_error", "_value", "_waiter")

    def __init__(self) -> None:
        self._done = False
        self._value: object = None
        self._error: Exception | None = None
        self._waiter: Fiber[Any] | None = None

    def set(self, value: object = None) -> None:
        """Resume the waiting fiber with a value."""
        self._finish(value, None)

    def fail(self, error: Exception) -> None:
        """Raise an error in the waiting fiber."""
        self._finish(None, error)

    def _finish(self, value: object, error: Exception | None) -> None:
        if not self._done:
            self._done, self._value, self._error = True, value, error
            if self._waiter:
                self._waiter.wake(value, error)

    def suspend(self, fiber: Fiber[Any]) -> None:
        """Suspend a fiber until the signal is set. The scheduler calls this."""
        self._waiter = fiber
        if self._done:
            fiber.wake(self._value, self._error)


class Fiber(Generic[T]):
    """A running generator."""

    __slots__ = ("_on_end", "_ready", "_steps", "alive")

    def __init__(self, ready: Ready, steps: Steps[T], on_end: EndCallback[T]) -> None:
        self._ready = ready
        self._steps = steps
        self._on_end = on_end
        self.alive = True
        self.wake(None, None)

    def wake(self, value: object, error: Exception | None) -> None:
        """Queue the fiber to resume."""
        self._ready.append((self, value, error))

    def step(self, value: object, error: Exception | None) -> None:
        """Run to the next yield."""
        try:
            awaited = self._steps.send(value) if error is None else self._steps.throw(error)
        except StopIteration as end:
            self.alive = False
            self._on_end(end.value, None)
        except Exception as failure:
            self.alive = False
            self._on_end(None, failure)
        else:
            if awaited is None:
                self.wake(None, None)
            else:
                awaited.suspend(self)

    def cancel(self) -> None:
        """Stop the generator permanently, and run its `finally` blocks."""
        if self.alive:
            self.alive = False
            self._steps.close()


class Patience:
    """The real time that an external caller has before a deadline.

    Args:
        seconds: the time until the deadline on the clock.
        asked: returns true as long as an external caller can still prevent the effect of the deadline.
    """

    __slots__ = ("_asked", "_until")

    def __init__(self, seconds: float, asked: Callable[[], bool]) -> None:
        self._until = time.monotonic() + seconds
        self._asked = asked

    def left_s(self) -> float:
        """Return the remaining seconds, or 0 if no caller is expected."""
        return max(0.0, self._until - time.monotonic()) if self._asked() else 0.0


class Timer:
    """A call that is scheduled for a time on the clock.

    Attributes:
        patience: delays the clock's jump to that time; None for no delay.
    """

    __slots__ = ("at", "callback", "patience")

    def __init__(
        self, at: float, callback: Callable[[], None] | None, patience: Patience | None = None
    ) -> None:
        self.at = at
        self.callback = callback
        self.patience = patience

    def cancel(self) -> None:
        """Cancel the call."""
        self.callback = None

    def fire(self) -> None:
        """Make the call, at most once."""
        callback, self.callback = self.callback, None
        if callback:
            callback()
