"""The simulation of this process, as seen by moto's services. `StateMachines` implements it."""

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
        """The scheduler of the simulation."""

    def lasting(
        self, caller: str, call: str, ends: Callable[[Callable[[], None]], None], *, again: bool = False
    ) -> None:
        """Let a call last on the clock until an operation has ended. `ends` gets a callback for the end.

        With `again` the call may last longer, until `answered`.
        """

    def answered(self, caller: str, call: str) -> None:
        """Report that a call which has lasted on the clock gets its response."""

    def admit(self, caller: str, after: Sequence[str]) -> Work | None:
        """Wait for the time of a call that an invocation makes, and return its work on the virtual clock."""
