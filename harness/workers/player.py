"""The interface that those who use workers implement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

Task = TypeVar("Task")
Hello = TypeVar("Hello")
Done = TypeVar("Done")
Tell: TypeAlias = Callable[[str], object]


class Player(ABC, Generic[Hello, Task, Done]):
    """Plays tasks in a process of its own; can be pickled, as a process that has threads is not forked."""

    @abstractmethod
    def start(self, tell: Tell) -> Hello:
        """Make ready; what it gives, and what `tell` gets meanwhile, goes to the process that started it."""

    @abstractmethod
    def play(self, task: Task) -> Done:
        """Play one task. What it raises ends the work, at the place of this task in the order."""

    @abstractmethod
    def stop(self) -> None:
        """End all that `start` began, also after a failed one."""
