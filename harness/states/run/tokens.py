"""Task tokens: who holds one can end a task, as SendTaskSuccess and the like do."""

from __future__ import annotations

from ..randomness import Randomness
from ..time.completion import Completion


class Tokens:
    """The tokens that are open, and the completions that they stand for."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._completions: dict[str, Completion] = {}

    def new(self) -> str:
        """Make a token that was not used before."""
        return self._randomness.uuid()

    def open(self, token: str) -> Completion:
        """Begin the task of a token; gives what ends it."""
        self._completions[token] = Completion()
        return self._completions[token]

    def close(self, token: str) -> None:
        """Note that the task of a token is over."""
        self._completions.pop(token, None)

    def find(self, token: str) -> Completion | None:
        """Give the completion of a token; None when there is no such task, or not any more."""
        return self._completions.get(token)
