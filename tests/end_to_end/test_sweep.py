"""Every single failure at every point in a scenario: the report does its work, whatever fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.expect.project import expectations_of
from harness.functions.faults import KINDS
from harness.pytest_plugin import harness_session, harness_settings
from harness.scenario.load import load
from harness.sweep.model import Swept
from harness.sweep.sweep import Selection, sweep

ROOT = Path(__file__).parents[2]
SCENARIO = "scenarios/two-buckets.yaml"


@pytest.mark.thorough
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind.key, marks=pytest.mark.harness_sweep(SCENARIO, kinds=[kind.key]))
        for kind in KINDS
        if kind.key != "returns"
    ],
)
def test_no_single_failure_breaks_the_report(kind: str, harness_swept: Swept) -> None:
    assert {verdict.trial.variants[0].kind for verdict in harness_swept.verdicts} == {kind}
    assert not harness_swept.violations, harness_swept.explanation


@pytest.mark.thorough
@pytest.mark.harness_sweep(SCENARIO, pairs=60, seed=1)
def test_no_pair_of_failures_breaks_the_report(harness_swept: Swept) -> None:
    assert len(harness_swept.verdicts) == 60
    assert not harness_swept.violations, harness_swept.explanation


@pytest.mark.thorough
def test_the_same_trials_end_the_same_alone_and_side_by_side(request: pytest.FixtureRequest) -> None:
    session = harness_session(request.config)
    settings = harness_settings(request.config, request.path)
    (scenario,) = load([ROOT / SCENARIO], expectations_of(settings))
    selection = Selection("CreateMessage: ", ("cut", "twice"))
    alone = sweep(session, scenario, settings, selection)
    beside = sweep(session, scenario, settings, selection, workers=2)
    assert [_told(v) for v in alone.verdicts] == [_told(v) for v in beside.verdicts]
    assert len(alone.verdicts) == 10


def _told(verdict: object) -> dict[str, object]:
    return {name: value for name, value in vars(verdict).items() if name != "real_s"}
