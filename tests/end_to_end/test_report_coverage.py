"""Coverage of the report's machines by the shipped scenarios, and the accuracy of hints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from harness.coverage.edges import TRANSITIONS
from harness.coverage.hints import Hint, hint
from harness.coverage.model import Coverage, Missed
from harness.coverage.record import covered
from harness.engine import engine_of
from harness.expect.project import load_scenarios
from harness.observe.model import Observation
from harness.projects import Projects
from harness.scenario.faults import FaultSpec
from harness.scenario.model import Scenario
from harness.session import Session

ROOT = Path(__file__).parents[2]
LARGE = ("two-thousand-five-hundred-buckets.yaml", "many-objects.yaml")
"""Slow scenarios that reach nothing new compared with smaller ones."""
OUT_OF_REACH: Mapping[str, str] = {}
"""Transitions that AWS cannot make, by label, with the reason."""
REACH = 0.9
Reached = set[tuple[str, str]]


class Player:
    """Runs scenarios on one engine, and returns the observations with the definitions."""

    def __init__(self) -> None:
        self._projects = Projects({}, {})
        self._settings = self._projects.of(ROOT / "scenarios" / "two-buckets.yaml")
        self._session = Session(engine_of(self._settings), definitions=True)

    def load(self, path: Path) -> Scenario:
        """The scenario in a file."""
        (scenario,) = load_scenarios([path], lambda _: self._settings)
        return scenario

    def play(self, scenario: Scenario) -> Observation:
        """The observation after it."""
        result = self._session.run(scenario, replace(self._settings, lint=False))
        assert result.observation is not None, result.reason
        return result.observation

    def stop(self) -> None:
        """Stop the engine."""
        self._session.engine.stop()


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    """One engine for all tests."""
    made = Player()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def seen(player: Player) -> Mapping[str, Observation]:
    """The observation after each scenario, by file path."""
    files = sorted((ROOT / "scenarios").glob("*.yaml"))
    return {str(file): player.play(player.load(file)) for file in files if file.name not in LARGE}


def _reached(found: Coverage) -> Reached:
    return {(m.key, e.id) for m in found.machines for e in m.edges.values() if m.hits[e.id]}


@pytest.mark.thorough
def test_the_shipped_scenarios_reach_every_transition(seen: Mapping[str, Observation]) -> None:
    found = covered(seen.items())
    assert len(found.machines) == 5
    missed = {each.label for each in found.missed if each.edge.kind in TRANSITIONS}
    assert missed == set(OUT_OF_REACH)


def _hinted(seen: Mapping[str, Observation]) -> Iterator[tuple[Missed, Hint]]:
    """Without one scenario: the edges that only it reaches, and the edges that no scenario reaches, with
    hints.
    """
    everything = _reached(covered(seen.items()))
    for gone in (*seen, None):
        found = covered((path, each) for path, each in seen.items() if path != gone)
        for missed in found.missed:
            if ((missed.machine.key, missed.edge.id) in everything) == (gone is not None):
                yield missed, hint(found, missed)


def _pasted(scenario: Scenario, found: Hint) -> Scenario:
    """A scenario with the lines from a hint, as a user would add them."""
    lines = YAML(typ="safe").load("\n".join(found.lines))
    more = tuple(FaultSpec.model_validate(fault) for fault in lines.get("faults", ()))
    runs = list(scenario.runs)
    if "run" in lines:
        runs[found.run] = runs[found.run].model_copy(update={"input": lines["run"]["input"]})
    changes = {"faults": (*scenario.faults, *more), "runs": tuple(runs)}
    return scenario.without_expectations().model_copy(update=changes)


@pytest.mark.thorough
def test_hints_reach_what_they_are_for(player: Player, seen: Mapping[str, Observation]) -> None:
    found = list(_hinted(seen))
    generated = [(missed, each) for missed, each in found if each.lines]
    assert len(generated) >= 40
    assert len(generated) >= REACH * len(found)
    played: dict[tuple[str, ...], Reached] = {}
    failed = []
    for missed, each in generated:
        key = (each.scenario, *each.lines)
        if key not in played:
            left = player.play(_pasted(player.load(Path(each.scenario)), each))
            played[key] = _reached(covered([("pasted", left)]))
        if (missed.machine.key, missed.edge.id) not in played[key]:
            failed.append((missed.label, key))
    assert len(failed) <= (1 - REACH) * len(generated), failed
    print(f"{len(generated) - len(failed)} of {len(generated)} hints reach what they are for")
