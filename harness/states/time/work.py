"""Real work outside, and how it ends: it goes on in real time and takes time on the clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from harness.json_types import Json

from .completion import Completion
from .fibers import Timer

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
        """Return whether it is there."""

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
class Rest:
    """A rest of some work, in which nobody can go on before a time, or before one of its calls is answered.

    Attributes:
        until: when it wakes up by itself.
        calls: the ids of its calls that take time on the clock, as far as it waits for them.
        over: true once it is to go on.
        answered: the calls that were answered meanwhile, in the order of their answers.
    """

    until: float
    calls: tuple[str, ...] = ()
    over: bool = False
    answered: list[str] = field(default_factory=list)


def _nothing() -> None:
    return


class Work:
    """Work that goes on outside.

    Attributes:
        future: gives the outcome. An exception of it is the port's bug, and is raised.
        duration_s: the shortest time that it takes on the clock. Nothing that happens later than that is
            decided before the outcome is known.
        awake_at: its own time: when it started, or last woke up.
        rest: the one that it is in; None while it goes on.
        blocked: the ids of its calls that last on the clock; "" is one for which it holds still.
        answered: the ids of the calls that have been answered, each in its order.
        timer: when it is looked at next.
        begin: called when the loop waits for it: sees that it has begun.
        on_end: called at its end on the clock, before the outcome is delivered; it must not wait.
    """

    __slots__ = (
        "answered",
        "awake_at",
        "begin",
        "blocked",
        "deliver",
        "duration_s",
        "future",
        "on_end",
        "rest",
        "started_at",
        "timer",
    )

    def __init__(self, future: FutureOutcome, duration_s: float = DEFAULT_DURATION_S) -> None:
        self.future: Final = future
        self.duration_s: Final = duration_s
        self.started_at = 0.0
        self.awake_at = 0.0
        self.rest: Rest | None = None
        self.blocked: dict[str, BlockedCall] = {}
        self.answered: dict[str, None] = {}
        self.timer: Timer | None = None
        self.begin: Callable[[], object] = _nothing
        self.on_end: Callable[[], object] = _nothing
        self.deliver: Callable[[Outcome], None] = lambda _outcome: None

    @classmethod
    def done(cls, outcome: Outcome, duration_s: float = DEFAULT_DURATION_S) -> Work:
        """Make work whose outcome is known already; it is delivered after its time all the same."""
        return cls(_Known(outcome), duration_s)

    @property
    def quiescent(self) -> bool:
        """True when it can only go on at a later time, or when one of its calls is answered."""
        if "" in self.blocked:
            return True
        return self.rest is not None and all(call in self.blocked for call in self.rest.calls)

    def has_arrived(self, calls: Iterable[str]) -> bool:
        """Return whether calls have come, and last on the clock or have been answered."""
        return all(call in self.blocked or call in self.answered for call in calls)

    def next_wake(self) -> float:
        """Return the time at which it goes on when nothing else happens; infinite when it never does."""
        return math.inf if self.rest is None else self.rest.until

    def end_rest(self, now: float) -> None:
        """Let it go on if its time has come, or some of its calls are answered."""
        rest = self.rest
        if rest is None:
            return
        rest.answered = [call for call in self.answered if call in rest.calls]
        if rest.until <= now:
            self.awake_at = max(self.awake_at, rest.until)
        elif not rest.answered or not self.has_arrived(rest.calls):
            return
        rest.over = True
        self.rest = None


@dataclass(slots=True)
class BlockedCall:
    """A call of some work that lasts on the clock; `ended` once it can be answered."""

    work: Work
    id: str
    ended: bool = False
