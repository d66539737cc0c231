"""The events at which a stack is updated, and the trials there."""

from __future__ import annotations

import pytest

from harness.engine.base import PassedEvent
from harness.observe.model import Run
from harness.sweep.model import SelectionError
from harness.sweep.updates.points import distinct, events, trials
from harness.testing import a_history, an_execution, observed

HISTORY = a_history().enters("Count").schedules("counter").event("LambdaFunctionStarted")
PARENT = an_execution(history=HISTORY)
CHILD = an_execution("SUCCEEDED", "Pass", machine="Report", name="child")
SEEN = observed(Run("run-1", PARENT, (CHILD,)))
PASSED = [
    PassedEvent(PARENT.arn, 1, 1),
    PassedEvent(PARENT.arn, 2, 1),
    PassedEvent(CHILD.arn, 1, 2),
    PassedEvent(PARENT.arn, 3, 2),
    PassedEvent("arn:aws:states:us-east-1:123456789012:execution:Other:x", 1, 3),
]
FOUND = events(SEEN, PASSED)
PLAIN = [event.label for event in distinct(FOUND)]


def test_events_are_called_by_run_execution_and_state() -> None:
    assert [event.label for event in FOUND] == [
        "run-1 1 TaskStateEntered (Count)",
        "run-1 2 LambdaFunctionScheduled (Count)",
        "run-1/Report 1 TaskStateEntered (Pass)",
        "run-1 3 LambdaFunctionStarted (Count)",
        "Other:x 1",
    ]
    assert [event.number for event in FOUND] == [1, 2, 3, 4, 5]


def test_of_events_between_which_nothing_looks_at_the_stack_the_last_is_played() -> None:
    assert [event.number for event in distinct(FOUND)] == [2, 4, 5]


def test_each_event_is_updated_at_and_rolled_back_at_the_next() -> None:
    assert [trial.numbers for trial in trials(FOUND)] == [(2,), (4,), (5,), (2, 4), (4, 5)]
    halves = trials(FOUND, in_halves=True)[5:]
    assert [(trial.numbers, trial.held) for trial in halves] == [
        ((2, 4), "settings"),
        ((4, 5), "settings"),
        ((2, 4), "code"),
        ((4, 5), "code"),
    ]
    assert {trial.back for trial in halves} == {None}


def test_every_label_is_that_of_its_trial_only() -> None:
    for trial in trials(FOUND, in_halves=True):
        assert trials(FOUND, trial.label) == (trial,)


def test_an_event_that_is_alike_can_be_named_and_any_two() -> None:
    (alike,) = trials(FOUND, FOUND[0].label)
    assert alike.numbers == (1,)
    (pair,) = trials(FOUND, f"{FOUND[0].label}, back at {FOUND[4].label}")
    assert pair.numbers == (1, 5)


def test_a_part_of_a_label_selects_all_that_have_it() -> None:
    assert [trial.numbers for trial in trials(FOUND, "Scheduled")] == [(2,), (2, 4)]


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ("Sent", "event 'Sent' not found; use one of:\n  run-1 1 TaskStateEntered"),
        (f"{PLAIN[1]}, back at {PLAIN[0]}", "does not come after"),
    ],
)
def test_what_there_is_not_is_refused(point: str, said: str) -> None:
    with pytest.raises(SelectionError) as refused:
        trials(FOUND, point)
    assert said in str(refused.value)
