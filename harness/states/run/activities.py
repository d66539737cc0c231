"""Activities: tasks that wait for an external worker, and then for the worker's result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..time.fibers import Signal


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """An activity task that no worker has taken yet.

    Attributes:
        input: JSON text.
        taken: set to the name of the worker; None for a worker without a name.
        place: the iterations and the state that the task belongs to: `Map[3]/Sign`.
    """

    arn: str
    token: str
    execution_arn: str
    input: str
    taken: Signal
    place: str = ""


class ActivityTasks:
    """The tasks available to workers, in the order in which they were scheduled.

    Attributes:
        exists: returns whether an activity with this ARN exists.
        claim: called first; returns the worker that takes the task immediately, or None to offer it to any
            worker.
        on_offer: called with the ARN of an activity that has a new task.
        on_taken: called with a task that a worker has taken.
    """

    def __init__(self) -> None:
        self.exists: Callable[[str], bool] = lambda _arn: True
        self.claim: Callable[[ActivityTask], str | None] = lambda _task: None
        self.on_offer: Callable[[str], None] = lambda _arn: None
        self.on_taken: Callable[[ActivityTask], None] = lambda _task: None
        self._offered: dict[str, ActivityTask] = {}

    def offer(self, task: ActivityTask) -> None:
        """Make a task available to workers."""
        self._offered[task.token] = task
        worker = self.claim(task)
        if worker is None:
            self.on_offer(task.arn)
        else:
            self.take(task, worker)

    def withdraw(self, token: str) -> None:
        """Make a task unavailable to workers."""
        self._offered.pop(token, None)

    def offered(self, arn: str) -> list[ActivityTask]:
        """List an activity's available tasks, oldest first."""
        return [task for task in self._offered.values() if task.arn == arn]

    def take(self, task: ActivityTask, worker: str | None) -> None:
        """Assign a task to a worker. From then on, its token completes the task."""
        del self._offered[task.token]
        self.on_taken(task)
        task.taken.set(worker)
