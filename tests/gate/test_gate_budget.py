"""The budget ends pending work, and never changes finished results."""

from __future__ import annotations

import signal
import threading
import time

from gate_project import Clock

from harness.gate.budget import Budget


def test_items_come_until_the_time_is_over():
    clock = Clock()

    def items():
        for number in range(1, 9):
            clock.now = number
            yield number

    assert list(Budget(3, clock).within(items())) == [1, 2, 3]


def test_what_is_under_way_when_the_time_is_over_is_ended_and_cleaned_up():
    ended = []

    def items():
        try:
            yield 1
            threading.Event().wait(60)
            yield 2
        except Exception:
            ended.append("taken for a failure")
            raise
        finally:
            ended.append("cleaned up")

    before = signal.getsignal(signal.SIGALRM)
    begin = time.monotonic()
    assert list(Budget(0.2).within(items())) == [1]
    assert time.monotonic() - begin < 30
    assert ended == ["cleaned up"]
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_without_an_end_all_items_come_and_the_source_is_closed():
    closed = []

    def items():
        try:
            yield from range(1, 9)
        finally:
            closed.append(True)

    found = Budget(None).within(items())
    assert next(found) == 1
    found.close()
    assert closed == [True]
    assert list(Budget(None).within(iter([1, 2]))) == [1, 2]
