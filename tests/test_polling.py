from __future__ import annotations

import pytest

from harness.polling import PollTimeout, poll


class FakeClock:
    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def test_gives_the_first_answer_that_is_done_without_pausing() -> None:
    clock = FakeClock()
    assert poll(lambda: 7, lambda n: n == 7, what="seven", timeout_s=1, clock=clock) == 7
    assert clock.pauses == []


def test_pauses_double_up_to_the_longest() -> None:
    clock = FakeClock()
    answers = iter(range(6))
    poll(
        lambda: next(answers),
        lambda n: n == 5,
        what="five",
        timeout_s=9,
        first_s=0.1,
        most_s=0.4,
        clock=clock,
    )
    assert clock.pauses == pytest.approx([0.1, 0.2, 0.4, 0.4, 0.4])


def test_a_timeout_tells_what_was_seen_last_and_never_oversleeps() -> None:
    clock = FakeClock()
    with pytest.raises(
        PollTimeout,
        match=r"^the stack: not reached after 2 s of real time \(last value: CREATE_IN_PROGRESS\)$",
    ):
        poll(lambda: "CREATE_IN_PROGRESS", lambda s: False, what="the stack", timeout_s=2, clock=clock)
    assert clock.now == pytest.approx(2)
