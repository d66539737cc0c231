"""Activities: tasks that wait until a worker outside takes them, and then for what it sends back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..time.fibers import Signal


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """A task of an activity that no worker has taken yet.

    Attributes:
        input: JSON text.
        taken: set to the name of the worker, None for one without a name.
        place: the iterations and the state that it is of: `Map[3]/Sign`.
    """

    arn: str
    token: str
    execution_arn: str
    input: str
    taken: Signal
    place: str = ""


class ActivityTasks:
    """The tasks that workers may take, in the order in which they were scheduled.

    Attributes:
        exists: tells if an activity is there, by its ARN.
        claim: is asked first for the worker that takes a task at once; None when all others may.
        on_offer: is told the ARN of an activity that has another task.
        on_taken: is told of a task that a worker was given.
    """

    def __init__(self) -> None:
        self.exists: Callable[[str], bool] = lambda _arn: True
        self.claim: Callable[[ActivityTask], str | None] = lambda _task: None
        self.on_offer: Callable[[str], None] = lambda _arn: None
        self.on_taken: Callable[[ActivityTask], None] = lambda _task: None
        self._offered: dict[str, ActivityTask] = {}

    def offer(self, task: ActivityTask) -> None:
        """Let workers take a task."""
        self._offered[task.token] = task
        worker = self.claim(task)
        if worker is None:
            self.on_offer(task.arn)
        else:
            self.take(task, worker)

    def withdraw(self, token: str) -> None:
        """Let no worker take a task any longer."""
        self._offered.pop(token, None)

    def offered(self, arn: str) -> list[ActivityTask]:
        """List the tasks of an activity that can be taken, the oldest first."""
        return [task for task in self._offered.values() if task.arn == arn]

    def take(self, task: ActivityTask, worker: str | None) -> None:
        """Return a task to a worker; its token ends it from now on."""
        del self._offered[task.token]
        self.on_taken(task)
        task.taken.set(worker)
