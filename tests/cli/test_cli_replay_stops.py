"""`harness replay --break`: the prompt at an event, in a replay whose history the test provides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.cli.replay_stops import ask_at, stop_at
from harness.engine.base import PassedEvent
from harness.histories import RecordedExecution, read_histories
from harness.rebuilt.playing import Played

HISTORY = Path(__file__).parents[2] / "examples/orders/histories/shipped.json"
EVENTS = 22


class Held:
    """A replay that records the events that it continues to."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.ended = False

    @contextmanager
    def playing(self) -> Iterator[None]:
        yield
        self.ended = True

    def go_on(self, number: int = 0) -> None:
        self.numbers.append(number)


@pytest.fixture(scope="module")
def played() -> Played:
    (ours,) = read_histories([HISTORY])
    assert isinstance(ours, RecordedExecution)
    nothing: Any = None
    passed = [PassedEvent("other", 1, 0), *(PassedEvent(ours.arn, each.id, 0) for each in ours.events)]
    return Played(nothing, ours, nothing, nothing, passed=passed)


def ask(played: Played, monkeypatch: pytest.MonkeyPatch, event: int, *lines: str) -> Held:
    typed = iter(lines)

    def read(prompt: str) -> str:
        line = next(typed, None)
        if line is None:
            raise EOFError
        return line

    monkeypatch.setattr("builtins.input", read)
    held = Held()
    assert ask_at(held, played, event) == 0
    assert held.ended
    return held


def test_a_step_goes_to_the_next_state(played: Played, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    held = ask(played, monkeypatch, 3, "s", "h", "c")
    assert held.numbers == [8, 0]  # event 7, after an event from a different execution
    shown = capsys.readouterr().out
    assert "> right after event 3, TaskScheduled, in the state PlaceOrder" in shown
    assert "> right after event 7, TaskStateEntered, in the state ChargePayment" in shown
    assert f"the execution has ended: ExecutionSucceeded, event {EVENTS}" in shown


def test_after_the_last_state_a_step_goes_to_the_end(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(played, monkeypatch, EVENTS, "s").numbers == [0]


def test_to_quit_leaves_it_where_it_is(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(played, monkeypatch, 3).numbers == []


def test_a_stop_has_what_was_there_at_its_event(played: Played) -> None:
    stop = stop_at(played, 8)
    assert stop["state"] == "ChargePayment"
    assert isinstance(stop["input"], dict)
    assert stop["input"]["order_id"]
    assert len(stop["history"]) == 8
