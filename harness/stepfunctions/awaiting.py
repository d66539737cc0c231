"""Waits until a task of an execution waits for somebody outside: a test, which then answers it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from harness.states import Execution, Simulation, Waiting
from harness.states.run.activities import ActivityTask
from harness.states.run.tokens import Ended
from harness.stepfunctions.runner import Runner


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tasks that are waited for.

    Attributes:
        state: the name of their state; "" for any.
        seen: the tokens of those that were given before.
        worker: the name of the worker that takes the task of an activity.
        is_of: tells if a task is of the execution, or of what it started.
    """

    state: str
    seen: Collection[str]
    worker: str
    is_of: Callable[[Waiting], bool]

    def has(self, task: Waiting) -> bool:
        """Return whether a task is one of them."""
        asked = self.state in ("", task.state) and task.token not in self.seen
        return asked and not task.taken and self.is_of(task)


@dataclass(eq=False, slots=True)
class _Watch:
    """Tells of a task that begins to wait; whether it still does is looked up afterwards."""

    wanted: Wanted
    tell: Callable[[], None]

    def opened(self, task: Waiting) -> None:
        """Do nothing: it does not wait yet."""

    def waits(self, task: Waiting) -> None:
        """Tell of it."""
        if self.wanted.has(task):
            self.tell()

    def closed(self, token: str, how: Ended) -> None:
        """Do nothing."""


class Awaiting:
    """Gives tasks of one simulation to somebody who waits for them."""

    def __init__(self, simulation: Simulation, runner: Runner) -> None:
        self._simulation = simulation
        self._runner = runner

    def next(self, execution: Execution, wanted: Wanted, timeout_s: float) -> Waiting | None:
        """Let time pass until a task waits; that of an activity is taken, as GetActivityTask does.

        None when the execution has ended, when nothing can ever go on, or after `timeout_s` of real time.

        Raises:
            BrokenDown: the simulation has broken down.
        """
        while True:
            with self._simulation.scheduler.frozen():
                if task := self._take(wanted):
                    return task
                if not execution.running:
                    return None
            if not self._came(execution, wanted, timeout_s):
                return None

    def _came(self, execution: Execution, wanted: Wanted, timeout_s: float) -> bool:
        """Let time pass until a task begins to wait, or the execution ends; False when neither happens."""
        tokens = self._simulation.tokens
        watches: list[_Watch] = []

        def begin(end: Callable[[], None]) -> None:
            watches.append(_Watch(wanted, end))
            tokens.watchers += watches
            execution.on_end(lambda _: end())
            if any(self._ready(wanted)):
                end()

        try:
            return self._runner.until(begin, timeout_s)
        finally:
            with self._simulation.scheduler.frozen():
                for watch in watches:
                    tokens.watchers.remove(watch)

    def _ready(self, wanted: Wanted) -> Iterator[tuple[Waiting, ActivityTask | None]]:
        """List the tasks that can be given now; those of activities while no worker has them."""
        offered = self._simulation.activities.offered
        for task in filter(wanted.has, self._simulation.tokens.waiting()):
            if not task.activity_arn:
                yield task, None
            for each in offered(task.activity_arn):
                if each.token == task.token:
                    yield task, each

    def _take(self, wanted: Wanted) -> Waiting | None:
        task, offered = next(self._ready(wanted), (None, None))
        if offered:
            self._simulation.activities.take(offered, wanted.worker)
        return task
