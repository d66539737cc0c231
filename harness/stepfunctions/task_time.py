"""The time of executions and their tasks: when it passes, and how much of it a task takes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.functions.shared.payloads import bucket_of


class ClockMode(StrEnum):
    """Clock modes, which determine when time passes."""

    REAL = "real"
    """Time passes in real time."""
    VIRTUAL = "virtual"
    """The clock jumps as soon as nothing can continue before the next moment.

    While a task waits for its token, an external caller has as much time as AWS allows for the callback. The
    clock approaches such a deadline in real time, unless a caller waits for the end of an execution.
    """
    STEPPED = "stepped"
    """Like VIRTUAL, but only while a caller waits for an execution or for a time.

    Executions started between two waits start at the same moment, and observed values do not change. Results
    do not depend on request speed.
    """


@dataclass(frozen=True, slots=True)
class TaskDuration:
    """The time that matching tasks take on the virtual clock.

    Attributes:
        takes_s: the time from the start of a task to its end.
        function: only invocations of the function with this name.
        task: only tasks such as `sns:publish`, or `lambda:invoke` for any function. Set either this or
            `function`.
        bucket: only tasks whose payload names this bucket.
        call: only the nth of these tasks, counted from 1 and including retries; None for all.
        run: only tasks in this execution, and in executions that it started; its ARN.
    """

    takes_s: float
    function: str = ""
    task: str = ""
    bucket: str = ""
    call: int | None = None
    run: str = ""


class TaskDurations:
    """The duration entries, with counts of the tasks that match and of the tasks whose time they set."""

    def __init__(self, entries: Sequence[TaskDuration] = ()) -> None:
        self._entries = tuple(entries)
        self._fitting: Counter[int] = Counter()
        self._matched: Counter[int] = Counter()
        self._lock = threading.Lock()

    def of(
        self, parameters: object, within: Callable[[str], bool], *, task: str, function: str = ""
    ) -> float | None:
        """Return the minimum time for the next such task, in seconds. A function that sleeps takes longer.

        `function` is the name of the function that the task invokes, if any. `within` returns whether the
        task belongs to a run. The first matching entry wins. Return None if no entry matches.
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
        """Return the number of tasks whose time each entry has set, by its position. It can be 0."""
        with self._lock:
            return {number: self._matched[number] for number in range(len(self._entries))}
