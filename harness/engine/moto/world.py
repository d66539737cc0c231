"""The simulation of this process, as the services of moto need it; `StateMachines` is it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from harness.states import Work
from harness.states.time.scheduler import Scheduler
from harness.stepfunctions.events import Events


class World(Protocol):
    """The clock, and what happens on it.

    Attributes:
        events: the asynchronous invocations.
    """

    events: Events

    @property
    def scheduler(self) -> Scheduler:
        """Its scheduler."""

    def lasting(
        self, caller: str, call: str, ends: Callable[[Callable[[], None]], None], *, again: bool = False
    ) -> None:
        """Let a call last on the clock until something has ended; `ends` gets what is to be called then.

        With `again` it may last on after that, until `answered`.
        """

    def answered(self, caller: str, call: str) -> None:
        """Say that a call which has lasted on the clock is being answered."""

    def admit(self, caller: str, after: Sequence[str]) -> Work | None:
        """Wait for the moment of a call that an invocation makes; give its work on the virtual clock."""
