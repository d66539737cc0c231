"""Task tokens. The holder of a token can end its task, e.g. by calling SendTaskSuccess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from harness.json_types import Json

from ..randomness import Randomness
from ..time.completion import Completion

Ended: TypeAlias = Literal["ended", "timed out", "aborted"]
"""Ways in which a task with a token can end: by its own result or failure, by a timeout, or for any other
reason.
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that waits for its token. Its call has returned, or it is an activity task.

    Attributes:
        until: the time at which it times out unless it receives a result or a heartbeat; None for never.
        heartbeat_s: the maximum time between two heartbeats, in seconds; None for no limit.
        activity_arn: the activity's ARN until a worker takes the task, then empty. Always empty for other
            tasks.
        input: the input of its state.
        parameters: the parameters of its call.
        deadline: the time at which it times out regardless of heartbeats; None for never.
        iterations: the enclosing iterations of inline Maps: `Map[3]/`.
    """

    token: str
    execution_arn: str
    state: str
    resource: str
    until: float | None
    heartbeat_s: int | None
    activity_arn: str = ""
    input: Json = None
    parameters: Json = None
    deadline: float | None = None
    iterations: str = ""

    @property
    def taken(self) -> bool:
        """True for an activity task that a worker has taken."""
        return self.resource.startswith("arn:") and not self.activity_arn


Describe: TypeAlias = Callable[[], Waiting]


class Watcher(Protocol):
    """An observer of tasks that have tokens. Its methods are called while the simulation stands still."""

    def opened(self, task: Waiting) -> None:
        """Handle the start of a task."""

    def waits(self, task: Waiting) -> None:
        """Handle a task that now waits for its token because its call has returned.

        An activity task first waits for a worker, and then for its token. This method is called at the start
        of both waits.
        """

    def closed(self, token: str, how: Ended) -> None:
        """Handle the end of a task."""


class Tokens:
    """The open tokens and their completions.

    Attributes:
        watchers: the observers, in the order in which they are called.
        ended: how each task ended, by closed token.
    """

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._completions: dict[str, Completion] = {}
        self._described: dict[str, Describe] = {}
        self._waiting: dict[str, None] = {}
        self.watchers: list[Watcher] = []
        self.ended: dict[str, Ended] = {}

    def new(self) -> str:
        """Return a new token."""
        return self._randomness.uuid()

    def open(self, token: str, describe: Describe) -> Completion:
        """Open a token for a task, and return its completion. `describe` returns the task's current state."""
        self._completions[token] = Completion(lambda: True)
        self._described[token] = describe
        if self.watchers:
            task = describe()
            for watcher in self.watchers:
                watcher.opened(task)
        return self._completions[token]

    def replace(self, token: str, completion: Completion) -> None:
        """Assign a different completion to a token."""
        self._completions[token] = completion

    def wait(self, token: str) -> None:
        """Record that a task now waits for its token."""
        self._waiting[token] = None
        if self.watchers:
            task = self._described[token]()
            for watcher in self.watchers:
                watcher.waits(task)

    def close(self, token: str, how: Ended) -> None:
        """Record that a token's task has ended."""
        self._completions.pop(token, None)
        self._waiting.pop(token, None)
        if self._described.pop(token, None):
            self.ended[token] = how
            for watcher in self.watchers:
                watcher.closed(token, how)

    def find(self, token: str) -> Completion | None:
        """Return a token's completion, or None if its task has ended or never existed."""
        return self._completions.get(token)

    def waiting(self) -> list[Waiting]:
        """List the tasks that wait for their tokens, in the order in which they began to wait."""
        return [self._described[token]() for token in self._waiting]
