"""Trials are judged by the ends on either stack alone, by invariants, and by the scenario's `expect`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sweep_samples import message

from harness.engine.base import PassedEvent
from harness.expect import BUILT_IN
from harness.observe.model import Execution, Observation
from harness.report.model import Result
from harness.scenario.load import parse
from harness.settings import Settings
from harness.sweep.model import Invariant, Played
from harness.sweep.updates.judge import judged
from harness.sweep.updates.model import Alone, Event, Side, Sides, Trial, Verdict
from harness.sweep.updates.play import Change, PlayedTrial
from harness.testing import an_execution, an_invocation, observed

SCENARIO = parse(
    "title: One run\nexpect: {execution: {status: SUCCEEDED}, path: [A], messages: [{subject: a}]}\n",
    BUILT_IN,
)
SIDE = Side("main", SCENARIO, Settings(Path()))
SIDES = Sides("main", Path("x.yaml"), SIDE, SIDE)
TRIAL = Trial(Event(1, "run-1 1 A", 1))
GOOD = an_execution("SUCCEEDED", "A")


def seen(execution: Execution = GOOD, subject: str = "a", **parts: object) -> Observation:
    return replace(observed(execution, messages=[message(subject)]), **parts)  # type: ignore[arg-type]


def result(found: Observation | None, reason: str = "") -> Result:
    return Result(SCENARIO, "moto", "error" if reason else "passed", 0.1, (), found, reason)


def verdict(
    found: Observation | None,
    *invariants: Invariant,
    old: Observation | None = None,
    reason: str = "",
    problem: str = "",
    changed: bool = True,
) -> Verdict:
    alone = Alone(result(old or seen()), result(seen()), (), False)
    changes = (Change(1, seen().access),) if changed else ()
    passed = [PassedEvent(GOOD.arn, 1, 1)]
    played = PlayedTrial(result(found, reason), passed, () if problem else changes, problem)
    return judged(TRIAL, played, alone, SIDES, invariants)


def test_an_end_as_on_one_of_the_stacks_is_the_same() -> None:
    assert verdict(seen()).outcome == "same"
    assert verdict(seen(subject="b"), old=seen(subject="b")).violations != ()


def test_another_way_to_the_end_is_none_of_its_business() -> None:
    assert verdict(seen(an_execution("SUCCEEDED", "A", "B"))).outcome == "same"


def test_an_expectation_about_the_end_that_does_not_hold_is_a_violation() -> None:
    (text,) = verdict(seen(subject="b")).violations
    assert "expect.messages, which is met on each stack alone" in text


def test_a_status_that_neither_stack_ends_with_is_a_violation() -> None:
    failed = an_execution("FAILED", "A", error="Boom", cause="why")
    assert "run-1 ended FAILED (Boom: why)" in verdict(seen(failed)).violations[0]


def test_a_failure_that_the_old_stack_has_too_is_none() -> None:
    failed = an_execution("FAILED", "A", error="Boom")
    ended = verdict(seen(failed), old=seen(failed))
    assert not any("ended FAILED" in text for text in ended.violations)


def test_a_function_that_raises_as_on_neither_stack_is_a_violation() -> None:
    raised = an_invocation("counter", error="KeyError: 'a'")
    found = seen(invocations=(raised,), functions={"counter": "Counter"})
    assert verdict(found).violations == (
        "function Counter raised KeyError: 'a', unlike on either stack alone",
    )
    assert verdict(found, old=found).violations == ()


def never(played: Played) -> Iterator[str]:
    if played.seen is not None and played.seen.machines_left != played.base.machines_left:
        yield "a machine is left"


def test_an_invariant_is_broken_that_holds_compared_with_neither_end() -> None:
    left = seen(machines_left=("m",))
    assert verdict(left, never).violations == ("a machine is left",)
    assert verdict(left, never, old=left).violations == ()


def test_a_stack_that_cannot_be_updated_a_run_that_was_over_and_no_end() -> None:
    assert verdict(seen(), problem="the stack cannot be updated: no").violations == (
        "the stack cannot be updated: no",
    )
    assert "the runs ended before run-1 1 A" in verdict(seen(), changed=False).violations[0]
    assert verdict(None, reason="run-1 did not end").violations == (
        "it could not be evaluated: run-1 did not end",
    )
