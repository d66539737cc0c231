"""The clock in a scenario, and the error on an engine without a clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.engine.moto.engine import MotoEngine
from harness.expect import BUILT_IN
from harness.report.model import Result
from harness.scenario.load import parse
from harness.session import Session
from harness.settings_reading import load_settings

ROOT = Path(__file__).parents[2]
# The input is rejected: nothing waits.
REFUSED = "title: t\nrun: {input: {includ: []}%s}\nexpect: {execution: {status: FAILED}}\n%s"


class NoClock(MotoEngine):
    """An engine that supports only AWS's API."""

    name = "plain"
    capabilities = frozenset()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(MotoEngine()) as session:
        yield session


def play(session: Session, run: str = "", more: str = "") -> Result:
    scenario = parse(REFUSED % (run, more), BUILT_IN, ROOT / "scenarios" / "x.yaml")
    return session.run(scenario, load_settings(ROOT, {}))


def started_at(result: Result) -> datetime:
    assert result.outcome == "passed", result.reason
    assert result.observation is not None
    return result.observation.runs[0].execution.started_at


def test_the_clock_is_virtual_unless_it_is_to_be_real(session: Session) -> None:
    assert started_at(play(session)) == started_at(play(session, ", clock: virtual"))
    real = started_at(play(session, ", clock: real"))
    assert abs(real - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "more", ["durations: [{function: Nobody, takes: 5 s}]", "faults: [{function: Nobody, twice: true}]"]
)
def test_a_function_that_the_template_does_not_have(session: Session, more: str) -> None:
    result = play(session, more=more)
    key = more.partition(":")[0]
    assert result.outcome == "error"
    assert f"{key}: the template has no function Nobody; known: CreateMessageFunction, " in result.reason


def test_durations_are_those_of_one_scenario(session: Session) -> None:
    slow = "durations: [{function: CreateStateMachineFunction, takes: 95 s}]\n"
    durations = []
    for more in (slow, ""):
        result = play(session, more=more)
        started_at(result)
        execution = result.observation.runs[0].execution  # type: ignore[union-attr]
        assert execution.stopped_at is not None
        durations.append((execution.stopped_at - execution.started_at).total_seconds())
    assert durations == pytest.approx([95.1, 0.2])


def test_a_duration_that_never_matches_is_a_mismatch(session: Session) -> None:
    matched = "  - {function: CreateStateMachineFunction, takes: 5 s}\n"
    result = play(session, more=f"durations:\n{matched}  - {{task: sqs:sendMessage, takes: 5 s}}\n")
    assert result.outcome == "failed"
    assert [(found.expectation, found.where.line, found.summary) for found in result.mismatches] == [
        (
            "durations",
            6,
            "duration of 5 s of sqs:sendMessage never matched: no state machine has started such a task",
        )
    ]


def test_an_engine_that_cannot_skips_with_the_reason() -> None:
    clock = "plain cannot let executions wait without taking real time"
    with Session(NoClock()) as session:
        found = [
            play(session, ", clock: virtual"),
            play(session, more="durations: [{task: sns:publish, takes: 5 s}]"),
            play(session, more="faults: [{task: sns:publish, delay: 5 s}]"),
        ]
    assert [result.outcome for result in found] == ["skipped"] * 3
    assert [result.reason for result in found] == [
        clock,
        clock,
        "plain cannot inject faults into tasks of state machines, or find the state that invokes a function",
    ]
