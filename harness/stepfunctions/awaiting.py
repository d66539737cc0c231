"""Waits for a task in an execution to start waiting for a callback, so that a test can answer it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from harness.states import Execution, Simulation, Waiting
from harness.states.run.activities import ActivityTask
from harness.states.run.tokens import Ended
from harness.stepfunctions.runner import Runner


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tasks to wait for.

    Attributes:
        state: the name of their state; "" for any.
        seen: the tokens of tasks that were already returned.
        worker: the name of the worker that takes an activity task.
        is_of: returns whether a task belongs to the execution, or to an execution that it started.
    """

    state: str
    seen: Collection[str]
    worker: str
    is_of: Callable[[Waiting], bool]

    def has(self, task: Waiting) -> bool:
        """Return whether a task matches."""
        asked = self.state in ("", task.state) and task.token not in self.seen
        return asked and not task.taken and self.is_of(task)


@dataclass(eq=False, slots=True)
class _Watch:
    """Reports that a task has started to wait. The receiver then checks whether it is still waiting."""

    wanted: Wanted
    tell: Callable[[], None]

    def opened(self, task: Waiting) -> None:
        """Do nothing: the task does not wait yet."""

    def waits(self, task: Waiting) -> None:
        """Report the task."""
        if self.wanted.has(task):
            self.tell()

    def closed(self, token: str, how: Ended) -> None:
        """Do nothing."""


class Awaiting:
    """Returns tasks of one simulation to callers that wait for them."""

    def __init__(self, simulation: Simulation, runner: Runner) -> None:
        self._simulation = simulation
        self._runner = runner

    def next(self, execution: Execution, wanted: Wanted, timeout_s: float) -> Waiting | None:
        """Let time pass until a task is waiting. An activity task is taken by a worker, as with
        GetActivityTask.

        Return None if the execution has ended, if it can never continue, or after `timeout_s` of real time.

        Raises:
            BrokenDown: the simulation has crashed.
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
        """Let time pass until a task waits or the execution ends. Return False if neither happens."""
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
        """List the tasks that can be returned now. Activity tasks are included until a worker takes them."""
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
