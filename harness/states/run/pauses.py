"""Pauses in a simulation at history events. During a pause, an external caller can change the environment."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from ..time.scheduler import Scheduler


class Passed(NamedTuple):
    """A history event that was recorded.

    Attributes:
        id: its ID in its execution.
        touched: how many times the environment has been read or changed so far. This happens when an
            execution or invocation begins, or when a call takes effect. If two events have the same
            number, the environment was not accessed between them.
    """

    execution_arn: str
    id: int
    touched: int


class Pauses:
    """Pauses a simulation at numbered events, counted from 1 across all histories in the order of recording.

    A pause begins immediately after the event, before the event has any effect and before virtual time
    advances. The pause lasts until `go_on` is called. A caller that changes the environment during the pause
    may need time to pass, for example when a stack waits for a function. The simulation then runs until that
    wait is over.

    Attributes:
        held: the number of the event at which the simulation is paused; 0 outside a pause.
        asking: returns the callers that need time to pass even during a pause.
    """

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._numbers: deque[int] = deque()
        self._count = 0
        self._touched = 0
        self._passed: list[Passed] | None = None
        self.held = 0
        self.asking: Callable[[], Collection[Any]] = tuple
        self._before: frozenset[Any] = frozenset()

    def at(self, numbers: Iterable[int], *, record: bool = False) -> None:
        """Set the events to pause at, replacing earlier ones. With `record`, store all events that occur."""
        with self._scheduler.frozen():
            self._numbers = deque(sorted(numbers))
            self._passed = [] if record else None
            self._end()

    def touch(self) -> None:
        """Count an access to the environment. Any thread can call this method."""
        self._touched += 1

    def note(self, execution_arn: str, event_id: int) -> None:
        """Count a recorded event, and pause if it is the next event to pause at. The caller must hold the
        gate.
        """
        self._count += 1
        if self._passed is not None:
            self._passed.append(Passed(execution_arn, event_id, self._touched))
        if self._numbers and self._count >= self._numbers[0] and not self.held:
            self.held = self._numbers.popleft()
            self._before = frozenset(self.asking())
            self._scheduler.hold(lambda: not self.held or self.goes_on())

    def goes_on(self) -> bool:
        """Return whether, since the pause began, a caller has requested that time pass."""
        return any(each not in self._before for each in self.asking())

    def wait(self, timeout_s: float) -> int:
        """Wait for a pause. Return its event's number, or 0 if no pause begins within the given real time."""
        self._scheduler.hold(lambda: bool(self.held) or not self._numbers, timeout_s)
        return self.held

    def go_on(self) -> None:
        """End the pause."""
        with self._scheduler.frozen():
            self._end()

    def passed(self) -> list[Passed]:
        """The stored events."""
        with self._scheduler.frozen():
            return list(self._passed or ())

    def _end(self) -> None:
        self.held = 0
        self._before = frozenset()
