"""The table, the violations with what reproduces them, and JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sweep_samples import point

from harness.expect import BUILT_IN
from harness.scenario.load import parse
from harness.sweep.model import Outcome, SelectionError, Swept, Trial, Variant, Verdict
from harness.sweep.show import faults_block, show_table, show_unlike, show_violations, write_json
from harness.sweep.sweep import Selection, trials_of

POINTS = (point("s3:ListObjectsV2"), point("sns:publish", target="task", state="Publish"))
FAULT = {"call": "s3:ListObjectsV2", "state": "Count", "nth": 1, "error": "SlowDown"}


def trial_at(number: int) -> Trial:
    at = replace(POINTS[0], number=number + 2)
    return Trial((at,), (Variant("error", "SlowDown", {}),), "once", (FAULT,))


def verdict(outcome: Outcome, number: int = 0, **parts: Any) -> Verdict:
    trial = Trial((POINTS[number],), (Variant("error", "SlowDown", {}),), "once", (FAULT,))
    return Verdict(**{"trial": trial, "outcome": outcome, **parts})


SWEPT = Swept(
    "scenarios/x.yaml",
    POINTS,
    (
        verdict("same"),
        verdict("same"),
        verdict("failed"),
        verdict(
            "violation", 1, violations=("two reports",), explanation="FAIL\nWhat happened\n  Publish: twice"
        ),
    ),
    12.3,
)


def shown(show: Any) -> str:
    stream = io.StringIO()
    show(Console(file=stream, width=20, soft_wrap=True), SWEPT)
    return stream.getvalue()


def test_the_table_counts_outcomes_by_point_and_kind() -> None:
    text = shown(show_table)
    lines = [line.split() for line in text.splitlines()]
    assert ["point", "error"] in lines
    assert ["Count:", "s3:ListObjectsV2", "1", "2=", "1x"] in lines
    assert ["Publish:", "sns:publish", "1", "1!"] in lines
    assert "4 faults at 2 points in 12 s" in text


def test_a_violation_says_what_happened_and_how_to_see_it_again() -> None:
    text = shown(show_violations)
    assert "VIOLATION  Publish: sns:publish 1: error SlowDown, once" in text
    assert "two reports" in text
    assert "Publish: twice" in text
    assert "- {call: s3:ListObjectsV2, state: Count, nth: 1, error: SlowDown}" in text


def test_faults_by_which_the_scenario_failed_are_listed_with_their_commands() -> None:
    failed = verdict("failed", status="FAILED", error="States.TaskFailed")
    for_ever = replace(failed, trial=replace(failed.trial, times="ever"))
    others = [verdict("failed", trial=trial_at(n)) for n in range(25)]
    stream = io.StringIO()
    swept = Swept("scenarios/x.yaml", POINTS, (failed, for_ever, verdict("other", 1), *others), 1)
    show_unlike(Console(file=stream, width=20, soft_wrap=True), swept)
    lines = stream.getvalue().splitlines()
    assert lines[1:3] == [
        "succeeded, with a different result",
        "  harness sweep scenarios/x.yaml --point 'Publish: sns:publish 1' --kind error  # SlowDown once -> ",
    ]
    first = "  harness sweep scenarios/x.yaml --point 'Count: s3:ListObjectsV2 1' --kind error"
    assert f"{first}  # SlowDown once, SlowDown for ever -> FAILED: States.TaskFailed" in lines
    assert lines[-1] == "  … 6 more commands (-v lists all, --json FILE has every fault)"
    stream.seek(0)
    show_unlike(Console(file=stream, width=20, soft_wrap=True), swept, verbose=True)
    assert stream.getvalue().count("harness sweep scenarios/x.yaml") == 1 + 26


def test_a_sweep_that_was_stopped_says_how_much_is_left_and_what_was_not_played_again() -> None:
    stream = io.StringIO()
    verdicts = (verdict("failed"), verdict("failed", played=False))
    show_table(Console(file=stream, width=200), Swept("x.yaml", POINTS, verdicts, 3, left=7))
    assert "2 faults at 1 point in 3 s\n(1 of them can fire only once" in stream.getvalue()
    assert stream.getvalue().endswith("stopped: 7 more faults were not tried\n")


def test_the_block_is_one_that_a_scenario_takes() -> None:
    block = faults_block([FAULT, {"function": "Counter", "state": "Count", "from": 2, "ends": "memory"}])
    scenario = parse(f"title: Again\n{block}expect: {{execution: {{status: FAILED}}}}\n", BUILT_IN)
    assert len(scenario.faults) == 2


def test_json(tmp_path: Path) -> None:
    write_json(tmp_path / "sweep.json", SWEPT)
    document = json.loads((tmp_path / "sweep.json").read_text())
    assert document["version"] == 1
    assert [trial["outcome"] for trial in document["trials"]] == ["same", "same", "failed", "violation"]
    assert document["trials"][0]["faults"] == [FAULT]


def test_points_and_kinds_can_be_selected() -> None:
    chosen = trials_of(POINTS, Selection("Publish", ("cut",)))
    assert [trial.label for trial in chosen] == [
        "Publish: sns:publish 1: cut before, once",
        "Publish: sns:publish 1: cut before, for ever",
        "Publish: sns:publish 1: cut after, once",
        "Publish: sns:publish 1: cut after, for ever",
    ]


def test_what_cannot_be_selected() -> None:
    with pytest.raises(SelectionError, match=r"point 'Nobody' not found; use one of:\n  Count: s3"):
        trials_of(POINTS, Selection("Nobody"))
    with pytest.raises(SelectionError, match="unknown kind of fault 'cuts'; known: error, cut, delay"):
        Selection(kinds=("cuts",)).check()
    with pytest.raises(SelectionError, match="none of these kinds of faults applies"):
        trials_of(POINTS, Selection("Publish", ("twice",)))


def test_pairs_are_chosen_by_a_seed() -> None:
    chosen = trials_of(POINTS, Selection(pairs=5, seed=1))
    assert len(chosen) == 5
    assert chosen == trials_of(POINTS, Selection(pairs=5, seed=1))
    assert chosen != trials_of(POINTS, Selection(pairs=5, seed=2))
    assert all(len(set(trial.points)) == 2 for trial in chosen)
    assert all(len(trial.faults) == 2 for trial in chosen)
