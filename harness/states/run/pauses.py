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
        touched: the number of reads and changes in the environment so far: an execution or invocation began,
            or a call took effect. If two events have the same number, none occurred between them.
    """

    execution_arn: str
    id: int
    touched: int


class Pauses:
    """Pauses a simulation at numbered events, counted from 1 over all histories in recording order.

    A pause begins in the middle of a moment, immediately after the event. The effects of the event have not
    started. The pause lasts until `go_on`. A caller that changes something during the pause can need time to
    pass, e.g. for a function that a stack waits for. The simulation then continues for that time.

    Attributes:
        held: the number of the event at which the simulation is paused; 0 outside a pause.
        asking: returns the callers that wait for time to pass, even during a pause.
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
        """From now on, pause only at these events. `record` stores all events that occur."""
        with self._scheduler.frozen():
            self._numbers = deque(sorted(numbers))
            self._passed = [] if record else None
            self._end()

    def touch(self) -> None:
        """Count an access to the environment. Any thread can call this method."""
        self._touched += 1

    def note(self, execution_arn: str, event_id: int) -> None:
        """Count a recorded event. Pause if its number is the next pause. The caller holds the gate."""
        self._count += 1
        if self._passed is not None:
            self._passed.append(Passed(execution_arn, event_id, self._touched))
        if self._numbers and self._count >= self._numbers[0] and not self.held:
            self.held = self._numbers.popleft()
            self._before = frozenset(self.asking())
            self._scheduler.hold(lambda: not self.held or self.goes_on())

    def goes_on(self) -> bool:
        """Return whether a caller has requested time to pass since the pause began."""
        return any(each not in self._before for each in self.asking())

    def wait(self, timeout_s: float) -> int:
        """Wait for a pause. Return the number of its event, or 0 if none begins within that real time."""
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
