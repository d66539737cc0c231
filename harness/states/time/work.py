"""External work and its outcomes. The work runs in real time and takes time on the clock."""

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
    """The task's result. `duration_s` is its time on the clock if that is longer than announced."""

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
    """The response of the call that started a `.sync` task. The task itself ends when its completion is
    resolved.
    """

    output: Json
    completion: Completion
    duration_s: float | None = None


Outcome: TypeAlias = TaskSucceeded | TaskFailed | TaskSubmitted


class FutureOutcome(Protocol):
    """A future for an outcome in real time, such as a `concurrent.futures.Future[Outcome]`."""

    def done(self) -> bool:
        """Return whether the outcome is available."""

    def result(self) -> Outcome:
        """Wait for the outcome."""

    def add_done_callback(self, callback: Callable[[FutureOutcome], object], /) -> None:
        """Add a callback for the outcome. It can be called from any thread."""


class _Known:
    """An outcome that is available from the start."""

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
    """A rest: the work cannot continue until a given time, or until one of its calls receives a response.

    Attributes:
        until: the time at which it wakes up.
        calls: the IDs of the calls that take time on the clock and that it waits for.
        over: true once the work continues.
        answered: the calls that received a response during the rest, in order.
    """

    until: float
    calls: tuple[str, ...] = ()
    over: bool = False
    answered: list[str] = field(default_factory=list)


def _nothing() -> None:
    return


class Work:
    """External work.

    Attributes:
        future: returns the outcome. If it contains an exception, the port has a bug, and the exception is
            raised.
        duration_s: its minimum time on the clock. Later events wait until the outcome is known.
        awake_at: its own time: when it started, or last woke up.
        rest: its current rest; None while it runs.
        blocked: the IDs of its calls that take time on the clock; "" represents a call that blocks all of the
            work.
        answered: the IDs of calls that received a response, in order.
        timer: the next check of the work.
        begin: called when the loop waits for the work, to make sure that it has started.
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
        """Return work whose outcome is already known. The outcome is still delivered after the duration."""
        return cls(_Known(outcome), duration_s)

    @property
    def quiescent(self) -> bool:
        """True if the work can continue only at a later time, or after a response to one of its calls."""
        if "" in self.blocked:
            return True
        return self.rest is not None and all(call in self.blocked for call in self.rest.calls)

    def has_arrived(self, calls: Iterable[str]) -> bool:
        """Return whether all these calls have arrived: each takes time on the clock or has a response."""
        return all(call in self.blocked or call in self.answered for call in calls)

    def next_wake(self) -> float:
        """Return the time at which the work continues if nothing else happens, or infinity."""
        return math.inf if self.rest is None else self.rest.until

    def end_rest(self, now: float) -> None:
        """Continue the work if its wake-up time has come, or if any of its calls has received a response."""
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
    """A call, made by work, that takes time on the clock. `ended` is true once its response can be sent."""

    work: Work
    id: str
    ended: bool = False
