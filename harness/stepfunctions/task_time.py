"""The time of executions and of their tasks: when it passes, and how long a task takes of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.functions.shared.payloads import bucket_of


class ClockMode(StrEnum):
    """The moments at which time passes."""

    REAL = "real"
    """Time passes as on the computer."""
    VIRTUAL = "virtual"
    """Jumps at once when nothing can continue before the next moment.

    While a task waits for its token, somebody outside has the time that AWS gives for an answer: the clock
    comes to such a deadline at the pace of the real one, unless somebody waits for the end of an execution.
    """
    STEPPED = "stepped"
    """Like VIRTUAL, but only while somebody waits for an execution or for a time.

    What is started between two waits starts at the same moment, and what is looked at stands still: nothing
    depends on how fast the requests come.
    """


@dataclass(frozen=True, slots=True)
class TaskDuration:
    """The time that the tasks take which fit, on the virtual clock.

    Attributes:
        takes_s: the time from the start of a task to its end.
        function: only invocations of the function of this name.
        task: only tasks such as `sns:publish`, or `lambda:invoke` for those of any function; exactly one of
            function and task is given.
        bucket: only tasks whose payload names this bucket.
        call: only the n-th of these tasks, counted from 1, retries too; None for all.
        run: only tasks of this execution, and of what it started; its ARN.
    """

    takes_s: float
    function: str = ""
    task: str = ""
    bucket: str = ""
    call: int | None = None
    run: str = ""


class TaskDurations:
    """The entries about durations; counts the tasks that each one fits, and those whose time it decided."""

    def __init__(self, entries: Sequence[TaskDuration] = ()) -> None:
        self._entries = tuple(entries)
        self._fitting: Counter[int] = Counter()
        self._matched: Counter[int] = Counter()
        self._lock = threading.Lock()

    def of(
        self, parameters: object, within: Callable[[str], bool], *, task: str, function: str = ""
    ) -> float | None:
        """The shortest time that the next such task takes, in seconds; a function that sleeps takes longer.

        `function` is the name of the one that the task invokes, if it does; `within` tells if the task is of
        a run. The first entry that fits decides; None when none does.
        """
        decided = None
        with self._lock:
            for number, entry in enumerate(self._entries):
                if entry.function != function if entry.function else entry.task != task:
                    continue
                if entry.bucket not in ("", bucket_of(parameters)) or (entry.run and not within(entry.run)):
                    continue
                self._fitting[number] += 1
                if decided is None and entry.call in (None, self._fitting[number]):
                    decided = entry
                    self._matched[number] += 1
        return None if decided is None else decided.takes_s

    def matched(self) -> Mapping[int, int]:
        """The number of tasks whose time each entry has decided, by its place; 0 for those that never did."""
        with self._lock:
            return {number: self._matched[number] for number in range(len(self._entries))}
