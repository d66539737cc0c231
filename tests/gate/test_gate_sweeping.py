"""The gate's sweep: the most valuable points first, each location once, within the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from gate_project import Clock, context, repository
from minimal_project import PUBLISHES, PYPROJECT, scenario

from harness.engine import engine_of
from harness.expect.project import load_scenarios
from harness.gate.budget import Budget
from harness.gate.sweeping import by_value, ordered, sweep
from harness.observe.model import Observation, SeenCall
from harness.report.model import Result
from harness.scenario.model import Scenario
from harness.session import Session
from harness.settings_reading import load_settings
from harness.sweep.points import points
from harness.sweep.sweep import Selection, trials_of
from harness.sweep.trials import together

pytestmark = pytest.mark.usefixtures("kept_engines")

NEVER = """\
def never(played):
    yield "this does not hold"

INVARIANTS = (never,)
"""


def call(operation, state, execution="one"):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return SeenCall("s3", operation, {}, at, "succeeded", function="F", state=state, execution=execution)


def result(name, *calls):
    """A result that can be identified by its engine."""
    return Result(Scenario.model_construct(), name, "passed", 1.0, observation=Observation((), calls=calls))


def test_a_scenario_with_more_places_comes_first_and_then_what_adds_most():
    small = result("a", call("GetObject", "A"))
    large = result("b", call("GetObject", "A"), call("PutObject", "B"), call("PutObject", "B"))
    other = result("c", call("GetObject", "C"))
    assert [each.engine for each in by_value([small, other, large])] == ["b", "c", "a"]


def test_of_scenarios_that_show_the_same_the_shorter_comes_first():
    long = result("a", call("GetObject", "A"), call("GetObject", "A"))
    short = result("b", call("GetObject", "A"))
    assert [each.engine for each in by_value([long, short])] == ["b", "a"]


def test_each_kind_of_fault_happens_once_at_each_place_before_any_happens_again():
    seen = Observation((), calls=(call("GetObject", "A"), call("GetObject", "A"), call("PutObject", "B")))
    units = ordered(together(trials_of(points(seen), Selection())))
    kinds = [(unit[0].points[0].what, unit[0].points[0].state, unit[0].variants[0].kind) for unit in units]
    first = kinds[: len(set(kinds))]
    assert len(first) == len(set(first))
    assert sorted(map(repr, units)) == sorted(map(repr, together(trials_of(points(seen), Selection()))))
    assert {unit[0].points[0].number for unit in units[: len(first)]} == {1}


@pytest.fixture
def played(tmp_path, monkeypatch):
    """A passed scenario in a project whose only invariant never holds, and the resulting context."""
    monkeypatch.chdir(tmp_path)
    repository(tmp_path)
    (tmp_path / "template.yaml").write_text(PUBLISHES)
    (tmp_path / "never.py").write_text(NEVER)
    (tmp_path / "scenarios" / "first.yaml").write_text(scenario())
    text = PYPROJECT + 'state_machine = "Publish"\ninvariants = "never.py"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    settings = load_settings(tmp_path, {})
    here = context(tmp_path)
    here.settings, here.settings_of = settings, lambda _: settings
    (one,) = load_scenarios((tmp_path / "scenarios" / "first.yaml",), here.settings_of)
    with Session(engine_of(settings)) as session:
        here.results = [session.run(one, settings)]
    assert here.results[0].outcome == "passed"
    return here


def test_a_violation_is_found_with_the_command_that_shows_it_and_the_rest_is_left_out(played):
    clock = Clock()
    played.budget = Budget(10, clock)
    found = []
    for finding in sweep(played):
        found.append(finding)
        clock.now = 10
    assert [each.rule.id for each in found] == ["sweep-invariant"]
    assert found[0].message.endswith(": this does not hold")
    assert found[0].subject.startswith("scenarios/first.yaml: Send: sns:publish 1: ")
    assert found[0].remedy.startswith(
        "harness sweep scenarios/first.yaml --point 'Send: sns:publish 1' --kind "
    )
    assert "faults:" in found[0].details
    (left,) = played.left
    assert left.what == "scenarios/first.yaml"
    assert left.command == "harness sweep scenarios/first.yaml"


def test_without_time_nothing_is_started(played):
    clock = Clock()
    played.budget = Budget(10, clock)
    clock.now = 11
    assert list(sweep(played)) == []
    assert [left.why for left in played.left] == [f"{played.left[0].why.split()[0]} faults, no time is left"]


def test_functions_that_may_connect_to_the_world_are_not_swept(played):
    settings = replace(played.settings, network=("a.example:443",))
    played.settings_of = lambda _: settings
    assert list(sweep(played)) == []
    assert played.left[0].command == "harness sweep scenarios/first.yaml --allow-network"


def test_what_failed_or_has_faults_of_its_own_is_not_swept(played):
    played.results = [replace(played.results[0], outcome="failed")]
    assert list(sweep(played)) == []
    assert played.left == []
