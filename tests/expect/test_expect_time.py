"""`polls`, `duration` and `never_entered`, for all runs and for a single run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from expect_samples import HEAD, mismatches, pairs, seen

from harness.expect.wording import time
from harness.observe.model import Execution
from harness.testing import a_history, an_execution

TWO = HEAD + "run: [{name: first}, {name: second}]\n"


def polled(times: int, name: str = "run-1") -> Execution:
    history = a_history().enters("W")
    for _ in range(times):
        history.enters("W", "Wait").exits("W", "Wait")
    return an_execution(history=history, name=name)


def lasted(seconds: float | None, name: str = "run-1") -> Execution:
    execution = an_execution(name=name, took_s=seconds or 0)
    return replace(execution, stopped_at=None) if seconds is None else execution


@pytest.mark.parametrize("polls", ["4", "{min: 4}", "{max: 4}", "{min: 1, max: 5}"])
def test_polls_are_the_wait_states_that_were_entered(polls: str) -> None:
    assert mismatches(f"  polls: {polls}\n", seen(polled(4))) == []


@pytest.mark.parametrize(
    ("polls", "summary"),
    [
        ("3", "expected 3, seen 4 (1 poll too many)"),
        ("6", "expected 6, seen 4 (2 polls too few)"),
        ("{min: 5}", "expected at least 5, seen 4 (1 poll too few)"),
        ("{max: 1}", "expected 0 to 1, seen 4 (3 polls too many)"),
    ],
)
def test_another_number_of_polls_is_a_mismatch(polls: str, summary: str) -> None:
    assert mismatches(f"  polls: {polls}\n", seen(polled(4))) == [f"4: polls: {summary}"]


def test_one_run_may_have_polls_of_its_own() -> None:
    expect = "  polls: 1\n  runs:\n    second: {polls: 2}\n"
    observation = seen(polled(1, "first"), polled(1, "second"))
    assert mismatches(expect, observation, TWO) == [
        "7: polls: run second: expected 2, seen 1 (1 poll too few)"
    ]


@pytest.mark.parametrize("span", ["{under: 5 min}", "{over: 94 s}", "{over: 94 s, under: 95.5 s}"])
def test_a_duration_within_its_limits(span: str) -> None:
    assert mismatches(f"  duration: {span}\n", seen(lasted(95))) == []


@pytest.mark.parametrize(
    ("span", "summary"),
    [
        ("{under: 95 s}", "expected under 1 min 35 s, seen 1 min 35 s"),
        ("{over: 95 s}", "expected over 1 min 35 s, seen 1 min 35 s"),
        ("{over: 2 min, under: 3 min}", "expected over 2 min and under 3 min, seen 1 min 35 s"),
    ],
)
def test_a_duration_beyond_a_limit_is_a_mismatch(span: str, summary: str) -> None:
    assert mismatches(f"  duration: {span}\n", seen(lasted(95))) == [f"4: duration: {summary}"]


def test_what_has_not_ended_has_no_duration() -> None:
    expect = "  duration: {under: 5 min}\n"
    assert mismatches(expect, seen(lasted(None))) == ["4: duration: the execution has not ended"]
    assert pairs(expect, seen(lasted(None))) == [("under 5 min", "SUCCEEDED")]


def test_one_run_may_have_a_duration_of_its_own() -> None:
    expect = "  duration: {under: 1 min}\n  runs:\n    second: {duration: {over: 1 min}}\n"
    observation = seen(lasted(30, "first"), lasted(60, "second"))
    assert mismatches(expect, observation, TWO) == [
        "7: duration: run second: expected over 1 min, seen 1 min"
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.1, "0.1 s"), (59.9996, "1 min"), (3600, "1 h"), (21630.25, "6 h 30.25 s")],
)
def test_times_in_words(seconds: float, text: str) -> None:
    assert time(seconds) == text


def entered(*states: str) -> Execution:
    history = a_history()
    for state in states:
        history.enters(state).exits(state)
    return an_execution(history=history)


def test_states_that_are_never_entered() -> None:
    assert mismatches("  never_entered: [Glue, Fail]\n", seen(entered("A", "B"))) == []


def test_a_state_that_is_entered_all_the_same_is_a_mismatch() -> None:
    assert mismatches("  never_entered: [A, Fail, B]\n", seen(entered("A", "B", "A"))) == [
        "4: never_entered: A: expected never to be entered, seen as state 1, 2 times in total",
        "4: never_entered: B: expected never to be entered, seen as state 2",
    ]
