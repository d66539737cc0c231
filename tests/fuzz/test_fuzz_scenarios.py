"""Mutants of scenario files are rejected with a location, or are valid; nothing breaks."""

from __future__ import annotations

import json
import re
from itertools import islice
from pathlib import Path

import pytest
from bounds import bounded
from scenario_mutants import ROOT, mutants

from harness.expect.project import expectations_of, load_scenarios
from harness.needs import needs_of
from harness.scenario.discover import discover
from harness.scenario.position import Problem, ScenarioError
from harness.settings_reading import load_settings

MOST_S = 10.0
"""CPU time for one file."""
SETTINGS = load_settings(ROOT, {})
PLACED = re.compile(r".*scenario\.yaml:\d+:\d+: .+", re.DOTALL)


def read(text: str, folder: Path) -> str:
    """Read a file like the commands do, and use all its content. Return the outcome."""
    path = folder / "scenario.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    problems: tuple[Problem, ...] = ()
    try:
        (scenario,) = load_scenarios(discover([path]).files, lambda _: SETTINGS)
    except ScenarioError as error:
        problems = error.problems
    if problems:
        assert all(PLACED.fullmatch(str(problem)) for problem in problems), problems
        return "refused"
    needs_of(scenario)
    assert scenario.seed.declared_bytes >= 0
    for bucket in islice(scenario.seed.expanded(), 3):
        assert len(list(islice(bucket.each(), 3))) <= 3
    for expectation in expectations_of(SETTINGS):
        list(expectation.named(scenario))
    json.dumps([run.input for run in scenario.runs], allow_nan=False)
    assert scenario.without_expectations().title == scenario.title
    return "accepted"


def fuzz(seed: int, count: int, folder: Path) -> dict[str, int]:
    """Read mutants and return the number of each outcome. Fail at the first mutant that breaks something."""
    counts: dict[str, int] = {}
    for number, text in enumerate(mutants(seed, count)):
        try:
            with bounded(MOST_S):
                became = read(text, folder)
        except BaseException as error:
            error.add_note(f"mutant {number} of seed {seed}:\n{text[:4000]}")
            raise
        counts[became] = counts.get(became, 0) + 1
    return counts


def test_mutants_are_refused_with_a_place_or_are_scenarios(tmp_path: Path) -> None:
    counts = fuzz(1, 100, tmp_path)
    assert min(counts.get("refused", 0), counts.get("accepted", 0)) >= 5, counts


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(10, 14))
def test_many_mutants_are_refused_with_a_place_or_are_scenarios(seed: int, tmp_path: Path) -> None:
    counts = fuzz(seed, 500, tmp_path)
    assert min(counts.get("refused", 0), counts.get("accepted", 0)) >= 25, counts
