"""The passage of time in executions: when time passes, and how long tasks take."""

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
    """The clock jumps to the next scheduled event as soon as nothing can run before it.

    While a task waits for its token, an external caller has as much real time for the callback as on AWS. The
    clock runs towards such a deadline in real time, unless a caller is waiting for the end of an execution.
    """
    STEPPED = "stepped"
    """Like VIRTUAL, but only while a caller waits for an execution or for a time.

    Executions that are started between two waits start at the same virtual time, and nothing changes between
    two requests. Results therefore do not depend on how fast requests arrive.
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
        call: only the nth matching task, counted from 1 and including retries; None for all.
        run: the ARN of an execution: only tasks in it, and in executions that it started.
    """

    takes_s: float
    function: str = ""
    task: str = ""
    bucket: str = ""
    call: int | None = None
    run: str = ""


class TaskDurations:
    """The duration entries, each with the number of tasks that match it and the number that it applied to."""

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
        task belongs to a given run. The first matching entry applies. Return None if no entry matches.
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
        """Return the number of tasks whose duration each entry has set, by position. The number can be 0."""
        with self._lock:
            return {number: self._matched[number] for number in range(len(self._entries))}
