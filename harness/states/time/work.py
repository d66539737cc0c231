"""Real work outside, and how it ends: it goes on in real time and takes time on the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from harness.json_types import Json

from .completion import Completion

DEFAULT_DURATION_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class TaskSucceeded:
    """The task's result. `duration_s` is its time on the clock when that is longer than announced."""

    output: Json
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """The task's error and cause in AWS's words, e.g. `Lambda.ServiceException`."""

    error: str
    cause: str | None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class TaskSubmitted:
    """The answer of the call that began a `.sync` task; the task itself ends with the completion."""

    output: Json
    completion: Completion
    duration_s: float | None = None


Outcome: TypeAlias = TaskSucceeded | TaskFailed | TaskSubmitted


class FutureOutcome(Protocol):
    """A future of an outcome in real time, such as a `concurrent.futures.Future[Outcome]`."""

    def done(self) -> bool:
        """Tell if it is there."""

    def result(self) -> Outcome:
        """Wait for the outcome."""

    def add_done_callback(self, callback: Callable[[FutureOutcome], object], /) -> None:
        """Call when it is there, from any thread."""


class _Known:
    """An outcome that is there from the beginning."""

    __slots__ = ("_outcome",)

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def done(self) -> bool:
        return True

    def result(self) -> Outcome:
        return self._outcome

    def add_done_callback(self, callback: Callable[[FutureOutcome], object], /) -> None:
        callback(self)


@dataclass(slots=True)
class Sleeper:
    """A thread of some work that waits for a time; `asleep` is false once that has come."""

    until: float
    asleep: bool = True


def _nothing() -> None:
    return


class Work:
    """Work that goes on outside.

    Attributes:
        future: gives the outcome. An exception of it is the port's bug, and is raised.
        duration_s: the shortest time that it takes on the clock. Nothing that happens later than that is
            decided before the outcome is known.
        awake_at: its own time: when it started, or last woke up.
        sleepers: for each of its threads that sleep on the clock, when that one wakes up.
        on_awaited: called when nothing else goes on before this has ended, or sleeps; it must not wait.
        on_end: called at its end on the clock, before the outcome is delivered; it must not wait.
    """

    __slots__ = ("awake_at", "duration_s", "future", "on_awaited", "on_end", "sleepers", "started_at")

    def __init__(self, future: FutureOutcome, duration_s: float = DEFAULT_DURATION_S) -> None:
        self.future: Final = future
        self.duration_s: Final = duration_s
        self.started_at = 0.0
        self.awake_at = 0.0
        self.sleepers: list[Sleeper] = []
        self.on_awaited: Callable[[], object] = _nothing
        self.on_end: Callable[[], object] = _nothing

    @classmethod
    def done(cls, outcome: Outcome, duration_s: float = DEFAULT_DURATION_S) -> Work:
        """Make work whose outcome is known already; it is delivered after its time all the same."""
        return cls(_Known(outcome), duration_s)
