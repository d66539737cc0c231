"""Pauses of a simulation at events of its histories, in which somebody outside changes what is around it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from ..time.scheduler import Scheduler


class Passed(NamedTuple):
    """An event of a history that was written.

    Attributes:
        id: the event's in its execution.
        touched: how often anything had looked at what is outside until then: an execution or an invocation
            began, or a call took effect. Between two events with the same number nothing did.
    """

    execution_arn: str
    id: int
    touched: int


class Pauses:
    """Holds a simulation at numbered events, counted from 1 over all histories in the order of writing.

    A pause is in the midst of a moment, right after the event: what follows from it has not begun. It lasts
    until `go_on`. Whoever changes something meanwhile may need time to pass, such as for a function that a
    stack waits for; then the simulation goes on for so long.

    Attributes:
        held: the number of the event of the pause; 0 without one.
        asking: those who wait for time to pass, if need be in a pause.
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
        """Hold at these events from now on, and at no others; `record` keeps all that are passed."""
        with self._scheduler.frozen():
            self._numbers = deque(sorted(numbers))
            self._passed = [] if record else None
            self._end()

    def touch(self) -> None:
        """Note that something looks at what is outside; any thread may call this."""
        self._touched += 1

    def note(self, execution_arn: str, event_id: int) -> None:
        """Count an event that was written, and hold if it is its turn. Called by whoever holds the gate."""
        self._count += 1
        if self._passed is not None:
            self._passed.append(Passed(execution_arn, event_id, self._touched))
        if self._numbers and self._count >= self._numbers[0] and not self.held:
            self.held = self._numbers.popleft()
            self._before = frozenset(self.asking())
            self._scheduler.hold(lambda: not self.held or self.goes_on())

    def goes_on(self) -> bool:
        """Return whether somebody asks for time to pass in the pause, who did not before it."""
        return any(each not in self._before for each in self.asking())

    def wait(self, timeout_s: float) -> int:
        """Wait until it is held; gives the number of the event, 0 if none comes within that real time."""
        self._scheduler.hold(lambda: bool(self.held) or not self._numbers, timeout_s)
        return self.held

    def go_on(self) -> None:
        """End the pause."""
        with self._scheduler.frozen():
            self._end()

    def passed(self) -> list[Passed]:
        """The events that were recorded."""
        with self._scheduler.frozen():
            return list(self._passed or ())

    def _end(self) -> None:
        self.held = 0
        self._before = frozenset()
