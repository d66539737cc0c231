"""The end of a task that continues after its call has returned: `.sync` and `.waitForTaskToken`."""

from __future__ import annotations

from collections.abc import Callable

from harness.json_types import Json

from ..errors import SentFailure
from .fibers import Signal


class Completion:
    """A promise that is resolved outside the state.

    Attributes:
        signal: set at the end; the state waits for it.
        outside: returns true as long as an external caller can resolve it.
    """

    __slots__ = ("_on_heartbeat", "_over", "outside", "signal")

    def __init__(self, outside: Callable[[], bool] = lambda: False) -> None:
        self.signal = Signal()
        self.outside = outside
        self._over = False
        self._on_heartbeat: Callable[[], None] = lambda: None

    @property
    def over(self) -> bool:
        """True after the task has ended. Its token is then invalid."""
        return self._over

    def succeed(self, output: Json) -> None:
        """End the task with an output."""
        self._over = True
        self.signal.set(output)

    def fail(self, error: str | None, cause: str | None) -> None:
        """End the task with an error. None represents an unknown error name or cause."""
        self._over = True
        self.signal.fail(SentFailure(error, cause))

    def heartbeat(self) -> None:
        """Report that the task is still alive."""
        self._on_heartbeat()

    def on_heartbeat(self, callback: Callable[[], None]) -> None:
        """Set the callback for heartbeats. The state calls this method."""
        self._on_heartbeat = callback
