"""What may be said of tasks beforehand: how long they take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Duration:
    """How long the tasks that fit take on the virtual clock.

    Attributes:
        takes_s: the time from the start of a task to its end.
        function: only invocations of the function of this name.
        service: only calls such as `sns:publish`; exactly one of function and service is given.
        bucket: only tasks whose payload names this bucket.
        call: only the n-th of these tasks, counted from 1, retries too; None for all.
    """

    takes_s: float
    function: str = ""
    service: str = ""
    bucket: str = ""
    call: int | None = None
