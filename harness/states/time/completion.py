"""The end of a task that goes on after its call has answered: `.sync` and `.waitForTaskToken`."""

from __future__ import annotations

from collections.abc import Callable

from harness.json_types import Json

from ..errors import SentFailure
from .fibers import Signal


class Completion:
    """A promise that somebody outside the state keeps.

    Attributes:
        signal: set at the end; the state waits for it.
        outside: true as long as that may be somebody outside of all executions.
    """

    __slots__ = ("_on_heartbeat", "_over", "outside", "signal")

    def __init__(self, outside: Callable[[], bool] = lambda: False) -> None:
        self.signal = Signal()
        self.outside = outside
        self._over = False
        self._on_heartbeat: Callable[[], None] = lambda: None

    @property
    def over(self) -> bool:
        """True once the task has ended; a token is then no longer valid."""
        return self._over

    def succeed(self, output: Json) -> None:
        """End the task with an output."""
        self._over = True
        self.signal.set(output)

    def fail(self, error: str | None, cause: str | None) -> None:
        """End the task with an error; None is what is not known of it."""
        self._over = True
        self.signal.fail(SentFailure(error, cause))

    def heartbeat(self) -> None:
        """Say that the task is still alive."""
        self._on_heartbeat()

    def on_heartbeat(self, callback: Callable[[], None]) -> None:
        """Set what a heartbeat calls; the state does."""
        self._on_heartbeat = callback
