"""The time that an evaluation may take: processor time of its thread, so that no load decides a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

LIMIT_S: Final = 0.5
"""Processor time of one evaluation, in seconds; what counts steps ends far earlier."""
_FIRST_WAIT: Final = 1.1  # of the limit; longer, so that a thread that runs alone reaches the limit


class TimeIsUp(Exception):
    """An evaluation took too long."""


def limited(evaluate: Callable[[float], T], limit_s: float = LIMIT_S) -> T:
    """Evaluate within a processor time.

    The library stops by the wall clock. When the thread was not given its processor time until then, the
    evaluation begins again with twice as long.

    Args:
        evaluate: gives the result, or raises TimeIsUp once the seconds of the wall clock are over that it
            gets. It must give the same each time.
        limit_s: the processor time, in seconds.

    Raises:
        TimeIsUp: the thread took the time and was not ready.
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
