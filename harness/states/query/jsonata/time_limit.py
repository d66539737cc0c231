"""Time limit for an evaluation, measured in the thread's processor time, so that load does not affect
results.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

LIMIT_S: Final = 0.5
"""Processor time for one evaluation, in seconds. The step limit stops most evaluations far earlier."""
_FIRST_WAIT: Final = 1.1  # multiple of the limit; above 1, so that a thread that runs alone reaches the limit


class TimeIsUp(Exception):
    """An evaluation took too long."""


def limited(evaluate: Callable[[float], T], limit_s: float = LIMIT_S) -> T:
    """Evaluate within a processor time limit.

    The library measures wall-clock time. If its limit is reached before the thread has used its full
    processor time, the evaluation restarts with twice the wall-clock time.

    Args:
        evaluate: returns the result, or raises TimeIsUp after the given number of wall-clock seconds. It must
            return the same result each time.
        limit_s: the processor time, in seconds.

    Raises:
        TimeIsUp: the thread used up its processor time before the evaluation ended.
    """
    wait_s = limit_s * _FIRST_WAIT
    while True:
        began_s = time.thread_time()
        try:
            result = evaluate(wait_s)
        except TimeIsUp:
            if time.thread_time() - began_s >= limit_s:
                raise
            wait_s *= 2
            continue
        except Exception:
            if time.thread_time() - began_s > limit_s:
                raise TimeIsUp from None
            raise
        if time.thread_time() - began_s > limit_s:
            raise TimeIsUp
        return result
