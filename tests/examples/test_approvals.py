"""The workflow that waits for people and a worker: its scenarios respond, and report missing responses."""

from __future__ import annotations

from pathlib import Path

import generated
import pytest

from harness.expect import BUILT_IN
from harness.observe.model import HistoryEvent
from harness.pytest_plugin import harness_session
from harness.report.model import Result
from harness.scenario.load import parse
from harness.settings_reading import load_settings

APPROVALS = Path(__file__).parents[2] / "examples" / "approvals"
SETTINGS = load_settings(APPROVALS, {})


def test_its_schema_is_in_step() -> None:
    path = APPROVALS / "scenarios" / "schema.json"
    assert path.read_text(encoding="utf-8") == generated.FILES[path](), "run: python tests/generated.py"


def play(request: pytest.FixtureRequest, name: str, *changes: tuple[str, str]) -> Result:
    path = APPROVALS / "scenarios" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{path} has changed: adapt this test"
        text = text.replace(old, new)
    return harness_session(request.config).run(parse(text, BUILT_IN, path), SETTINGS)


def said(result: Result) -> list[str]:
    return [
        f"{each.where.line}: {each.summary}" for each in result.mismatches if each.expectation == "answers"
    ]


@pytest.mark.parametrize("name", sorted(path.stem for path in (APPROVALS / "scenarios").glob("*.yaml")))
def test_it_passes_as_it_is(request: pytest.FixtureRequest, name: str) -> None:
    result = play(request, name)
    assert (result.outcome, result.reason) == ("passed", ""), [each.summary for each in result.mismatches]


def test_the_events_are_those_of_workers_and_nothing_else_waits(request: pytest.FixtureRequest) -> None:
    observation = play(request, "worker-dies").observation
    assert observation is not None
    events = [e for e in observation.runs[0].execution.events if e.type.startswith("Activity")]
    assert [_told(event, events[0]) for event in events] == [
        (0, "ActivityScheduled", None),
        (0, "ActivityStarted", "till-1"),
        (150, "ActivityTimedOut", None),  # three heartbeats, and 60 s without a heartbeat
        (160, "ActivityScheduled", None),
        (160, "ActivityStarted", "till-2"),
        (460, "ActivitySucceeded", None),
    ]


def _told(event: HistoryEvent, first: HistoryEvent) -> tuple[float, str, object]:
    """Seconds since the first event, the type, and the worker's name."""
    at_s = (event.timestamp - first.timestamp).total_seconds()
    return at_s, event.type, event.details.get("workerName")


def test_answers_that_are_too_late_or_for_nothing(request: pytest.FixtureRequest) -> None:
    result = play(request, "approved", ("after: 60 h", "after: 73 h"))
    assert said(result) == [
        "4: the answer of Ask after 73 h came too late: the task had timed out 1 h 0.1 s earlier, "
        "in execution run-1",
        "5: the answer of Pay after 5 min was never sent: the state was never entered",
    ]


def test_a_run_with_answers_of_its_own_takes_no_others(request: pytest.FixtureRequest) -> None:
    result = play(request, "refused", ("params: {by: the board}, output", "params: {by: nobody}, output"))
    assert result.outcome == "error"
    assert "run asked-again can never end: it waits for a worker to take the task of Pay" in result.reason


def test_a_worker_that_no_activity_has(request: pytest.FixtureRequest) -> None:
    result = play(request, "approved", ("{state: Ask, after", "{state: Ask, worker: clerk, after"))
    assert said(result) == [
        "4: the answer of Ask after 60 h has a worker, clerk, but a task with a token is never taken by a "
        "worker; remove worker, in execution run-1"
    ]


def test_the_task_of_an_activity_that_nobody_takes(request: pytest.FixtureRequest) -> None:
    pay = '  - {state: Pay, heartbeats: 30 s, after: 5 min, output: {"paid.$": $.amount}}\n'
    result = play(request, "approved", (pay, ""))
    assert result.outcome == "error"
    lines = result.reason.splitlines()
    assert lines[0].startswith(
        "run run-1 can never end: it waits for a worker to take the task of Pay, and nothing is left that"
    )
    (why,) = [line for line in lines if line.startswith("state Pay (")]
    assert why.endswith(
        "waits for a worker of activity payments, and its timeouts begin only when a worker takes "
        "the task: on AWS it would wait for a year"
    )
    assert lines[-2:] == ["answers:", "  - {state: Pay, after: 10 min, output: {}}"]
