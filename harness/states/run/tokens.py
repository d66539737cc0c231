"""Task tokens: who holds one can end a task, as SendTaskSuccess and the like do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..randomness import Randomness
from ..time.completion import Completion


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that waits for its token: its call was answered, or it is an activity's.

    Attributes:
        until: the moment on the clock at which it times out without an answer or a heartbeat; None for never.
        heartbeat_s: the longest time between two heartbeats, in seconds; None when it needs none.
        activity_arn: the activity whose worker is still to take it; empty for other tasks, and after that.
    """

    token: str
    execution_arn: str
    state: str
    resource: str
    until: float | None
    heartbeat_s: int | None
    activity_arn: str = ""


class Tokens:
    """The tokens that are open, and the completions that they stand for."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._completions: dict[str, Completion] = {}
        self._waiting: dict[str, Callable[[], Waiting]] = {}

    def new(self) -> str:
        """Make a token that was not used before."""
        return self._randomness.uuid()

    def open(self, token: str) -> Completion:
        """Begin the task of a token; gives what ends it."""
        self._completions[token] = Completion(lambda: True)
        return self._completions[token]

    def replace(self, token: str, completion: Completion) -> None:
        """Let a token stand for another end of its task."""
        self._completions[token] = completion

    def wait(self, token: str, waiting: Callable[[], Waiting]) -> None:
        """Note that a task now waits for its token; `waiting` describes that when it is asked for."""
        self._waiting[token] = waiting

    def close(self, token: str) -> None:
        """Note that the task of a token is over."""
        self._completions.pop(token, None)
        self._waiting.pop(token, None)

    def find(self, token: str) -> Completion | None:
        """Give the completion of a token; None when its task is over or never was."""
        return self._completions.get(token)

    def waiting(self) -> list[Waiting]:
        """List the tasks that wait for their tokens, in the order in which they began to."""
        return [describe() for describe in self._waiting.values()]
