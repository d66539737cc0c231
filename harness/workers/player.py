"""The interface that users of the workers implement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

Task = TypeVar("Task")
Hello = TypeVar("Hello")
Done = TypeVar("Done")
Tell: TypeAlias = Callable[[str], object]


class Player(ABC, Generic[Hello, Task, Done]):
    """Runs tasks in a separate process. Must be picklable, because a process with threads is not forked."""

    @abstractmethod
    def start(self, tell: Tell) -> Hello:
        """Get ready. The return value, and each value passed to `tell`, are sent to the parent process."""

    @abstractmethod
    def play(self, task: Task) -> Done:
        """Run one task. An exception ends the work, at this task's position in the order."""

    @abstractmethod
    def stop(self) -> None:
        """End everything that `start` began, even if `start` failed."""
