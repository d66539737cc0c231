"""The interface through which flows use their simulation."""

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
    """The runner of flows, implemented by `Simulation`."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def scheduler(self) -> Scheduler:
        """Runs fibers and timers."""

    @property
    def pauses(self) -> Pauses:
        """Pauses the simulation at history events."""

    @property
    def limits(self) -> Limits:
        """AWS's quotas."""

    @property
    def port(self) -> TaskPort:
        """Starts tasks."""

    @property
    def tokens(self) -> Tokens:
        """The open task tokens."""

    @property
    def activities(self) -> ActivityTasks:
        """The tasks available to activity workers."""

    @property
    def before_state(self) -> Callable[..., None] | None:
        """Called with a flow, a state and its input before the flow enters the state. None for no call."""

    def note_item(self, map_run: str, parent: Execution, item: Execution) -> None:
        """Store the execution that another execution's Map Run starts for an item."""

    def waits_until(self, execution: Execution, moment: float) -> None:
        """Report that an execution is waiting. It times out if the wait exceeds AWS's limit."""

    def may_be_answered(self, execution: Execution) -> bool:
        """Return whether an execution waits for an external caller, and such a caller exists."""

    def stop(self, execution: Execution) -> None:
        """Stop an execution. An ended execution does not change."""
