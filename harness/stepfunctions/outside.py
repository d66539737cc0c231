"""Tasks that only an external caller can end, for display to the user."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from harness.states import Waiting
from harness.stepfunctions.waiting_task import WaitingTask


class Outside:
    """The tasks, in the order in which they stopped the virtual time. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._told: list[WaitingTask] = []
        self._known: set[str] = set()

    def tell(self, waiting: Iterable[Waiting], now: float) -> None:
        """Add new tasks. `now` is the time on the clock."""
        with self._changed:
            new = [told(task, now) for task in waiting if task.token not in self._known]
            if new:
                self._told += new
                self._known.update(task.token for task in new)
                self._changed.notify_all()

    def begin_anew(self) -> None:
        """Prepare for a new simulation, whose tokens can be the same as before. Earlier tasks keep their
        place in the list.
        """
        with self._changed:
            self._known.clear()

    def after(self, seen: int, timeout_s: float) -> list[WaitingTask]:
        """List the tasks after the first `seen` ones. Wait for such a task for up to `timeout_s` of real
        time.
        """
        with self._changed:
            self._changed.wait_for(lambda: len(self._told) > seen, timeout_s)
            return self._told[seen:]


def told(task: Waiting, now: float) -> WaitingTask:
    """Return a task in a format that can be sent to other processes. `now` is the time on the clock."""
    left_s = None if task.until is None else task.until - now
    return WaitingTask(
        task.token,
        task.execution_arn,
        task.state,
        task.resource,
        task.until,
        left_s,
        task.heartbeat_s,
        task.activity_arn,
        task.input,
        task.parameters,
    )
