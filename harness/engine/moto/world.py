"""The simulation in this process, as seen by moto's services. `StateMachines` implements it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from harness.states import Work
from harness.states.time.scheduler import Scheduler
from harness.stepfunctions.events import Events


class World(Protocol):
    """The clock and its events.

    Attributes:
        events: the asynchronous invocations.
    """

    events: Events

    @property
    def scheduler(self) -> Scheduler:
        """The simulation's scheduler."""

    def lasting(
        self, caller: str, call: str, ends: Callable[[Callable[[], None]], None], *, again: bool = False
    ) -> None:
        """Let a call take time on the clock until an operation has finished.

        `ends` receives a callback, which it calls when the operation has finished.

        With `again`, the call may block again afterwards, until `answered` is called.
        """

    def answered(self, caller: str, call: str) -> None:
        """Report that a call that took time on the clock is about to get its response."""

    def admit(self, caller: str, after: Sequence[str]) -> Work | None:
        """Wait until the clock reaches the time of an invocation's call.

        Returns the invocation's work on the virtual clock.
        """
