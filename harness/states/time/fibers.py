"""Fibers, which are generators, the signals that they wait for, and timers: run by the scheduler."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")

Steps: TypeAlias = Generator["Signal | None", Any, T]
"""The work of a fiber, and the type of its value. What a `yield` gives is what its signal is set to."""
EndCallback: TypeAlias = Callable[[T | None, Exception | None], None]
"""Gets the value of a fiber that has ended, or its error."""
Ready: TypeAlias = "deque[tuple[Fiber[Any], object, Exception | None]]"
"""Fibers that can run, in order, with what they are resumed with."""


class Signal:
    """Something that a fiber waits for. The first `set` or `fail` counts, later ones are ignored."""

    __slots__ = ("_done", "_error", "_value", "_waiter")

    def __init__(self) -> None:
        self._done = False
        self._value: object = None
        self._error: Exception | None = None
        self._waiter: Fiber[Any] | None = None

    def set(self, value: object = None) -> None:
        """Let the waiting fiber go on with a value."""
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
        """Let a fiber wait; the scheduler calls this."""
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
        """Queue the fiber to go on."""
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
        """Stop for good; the generator's `finally` parts run."""
        if self.alive:
            self.alive = False
            self._steps.close()


class Patience:
    """The real time that somebody outside has before a deadline comes.

    Args:
        seconds: as long as the deadline is away on the clock.
        asked: true as long as somebody outside may still prevent what comes then.
    """

    __slots__ = ("_asked", "_until")

    def __init__(self, seconds: float, asked: Callable[[], bool]) -> None:
        self._until = time.monotonic() + seconds
        self._asked = asked

    def left_s(self) -> float:
        """Return the seconds that are left of it; 0 when nobody has to be waited for."""
        return max(0.0, self._until - time.monotonic()) if self._asked() else 0.0


class Timer:
    """A call at a moment on the clock.

    Attributes:
        patience: what holds the clock before it; None when nothing does.
    """

    __slots__ = ("at", "callback", "patience")

    def __init__(
        self, at: float, callback: Callable[[], None] | None, patience: Patience | None = None
    ) -> None:
        self.at = at
        self.callback = callback
        self.patience = patience

    def cancel(self) -> None:
        """Never call."""
        self.callback = None

    def fire(self) -> None:
        """Call, once."""
        callback, self.callback = self.callback, None
        if callback:
            callback()
