"""The part of a simulation that its flows may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..time.clock import Clock
from ..time.scheduler import Scheduler
from .activities import ActivityTasks
from .execution import Execution
from .limits import Limits
from .pauses import Pauses
from .task_port import TaskPort
from .tokens import Tokens


class Host(Protocol):
    """The runner of flows; `Simulation` is one."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def scheduler(self) -> Scheduler:
        """Runs fibers and timers."""

    @property
    def pauses(self) -> Pauses:
        """Hold everything at events of histories."""

    @property
    def limits(self) -> Limits:
        """AWS's quotas."""

    @property
    def port(self) -> TaskPort:
        """Starts tasks."""

    @property
    def tokens(self) -> Tokens:
        """The task tokens that are open."""

    @property
    def activities(self) -> ActivityTasks:
        """The tasks that workers of activities may take."""

    @property
    def before_state(self) -> Callable[..., None] | None:
        """Is called with a flow, a state and its input before that is entered; None for nothing."""

    def note_item(self, map_run: str, parent: Execution, item: Execution) -> None:
        """Report the execution of an item that a Map Run of another execution starts."""

    def waits_until(self, execution: Execution, moment: float) -> None:
        """Note that an execution waits; one that would wait for longer than AWS lets it run times out."""

    def may_be_answered(self, execution: Execution) -> bool:
        """Return whether an execution waits for somebody outside, and somebody is there."""

    def stop(self, execution: Execution) -> None:
        """Stop an execution; one that is over stays as it is."""
