"""Task tokens: who holds one can end a task, as SendTaskSuccess and the like do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from harness.json_types import Json

from ..randomness import Randomness
from ..time.completion import Completion

Ended: TypeAlias = Literal["ended", "timed out", "aborted"]
"""The end of a task with a token: by its own result or failure, by a time limit, or by something else."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that waits for its token: its call was answered, or it is an activity's.

    Attributes:
        until: the moment on the clock at which it times out without an answer or a heartbeat; None for never.
        heartbeat_s: the longest time between two heartbeats, in seconds; None when it needs none.
        activity_arn: the activity whose worker is still to take it; empty for other tasks, and after that.
        input: the input of its state.
        parameters: those of its call.
        deadline: the moment at which it times out however many heartbeats come; None for never.
        iterations: the iterations of inline Maps that it is in: `Map[3]/`.
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
        """True for the task of an activity that a worker has."""
        return self.resource.startswith("arn:") and not self.activity_arn


Describe: TypeAlias = Callable[[], Waiting]


class Watcher(Protocol):
    """Somebody who is told of tasks with tokens, while the simulation stands still."""

    def opened(self, task: Waiting) -> None:
        """Hear that a task begins."""

    def waits(self, task: Waiting) -> None:
        """Hear that its call was answered, and that it now waits for its token.

        The task of an activity first waits for a worker, and then once more for its token.
        """

    def closed(self, token: str, how: Ended) -> None:
        """Hear that the task is over."""


class Tokens:
    """The tokens that are open, and the completions that they stand for.

    Attributes:
        watchers: those who are told of them, in this order.
        ended: how the tasks of those that are closed ended.
    """

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._completions: dict[str, Completion] = {}
        self._described: dict[str, Describe] = {}
        self._waiting: dict[str, None] = {}
        self.watchers: list[Watcher] = []
        self.ended: dict[str, Ended] = {}

    def new(self) -> str:
        """Make a token that was not used before."""
        return self._randomness.uuid()

    def open(self, token: str, describe: Describe) -> Completion:
        """Begin the task of a token, which `describe` tells at any time; gives what ends it."""
        self._completions[token] = Completion(lambda: True)
        self._described[token] = describe
        if self.watchers:
            task = describe()
            for watcher in self.watchers:
                watcher.opened(task)
        return self._completions[token]

    def replace(self, token: str, completion: Completion) -> None:
        """Let a token stand for another end of its task."""
        self._completions[token] = completion

    def wait(self, token: str) -> None:
        """Note that a task now waits for its token."""
        self._waiting[token] = None
        if self.watchers:
            task = self._described[token]()
            for watcher in self.watchers:
                watcher.waits(task)

    def close(self, token: str, how: Ended) -> None:
        """Note that the task of a token is over."""
        self._completions.pop(token, None)
        self._waiting.pop(token, None)
        if self._described.pop(token, None):
            self.ended[token] = how
            for watcher in self.watchers:
                watcher.closed(token, how)

    def find(self, token: str) -> Completion | None:
        """Return the completion of a token; None when its task is over or never was."""
        return self._completions.get(token)

    def waiting(self) -> list[Waiting]:
        """List the tasks that wait for their tokens, in the order in which they began to."""
        return [self._described[token]() for token in self._waiting]
