"""The table of updates, the violations with their commands, and JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.sweep.model import Outcome
from harness.sweep.updates.model import Event, Swept, Trial, Verdict
from harness.sweep.updates.show import show_table, show_violations, write_json

FIRST, SECOND = Event(2, "run-1 2 A", 1), Event(4, "run-1 4 B", 2)


def verdict(outcome: Outcome, trial: Trial, **parts: Any) -> Verdict:
    return Verdict(trial, outcome, **parts)


SWEPT = Swept(
    "scenarios/x.yaml",
    "main",
    5,
    3,
    False,
    (
        verdict("same", Trial(FIRST)),
        verdict("violation", Trial(SECOND), violations=("it failed",), explanation="What happened"),
        verdict("other", Trial(FIRST, SECOND), rolled_back=True),
        verdict("same", Trial(FIRST, SECOND, "settings")),
    ),
    12.3,
)


def shown(show: Any, swept: Swept = SWEPT) -> str:
    out = io.StringIO()
    show(Console(file=out, width=200), swept)
    return out.getvalue()


def test_a_row_has_the_ends_of_all_updates_after_its_event() -> None:
    text = shown(show_table)
    head, first, second, *_ = text.splitlines()
    assert head.split("  ")[0] == "after this event"
    assert "updated" in head
    assert "and rolled back" in head
    assert "code first" in head
    assert "settings first" not in head
    assert first.split() == ["run-1", "2", "A", "=", "~", "="]
    assert second.split() == ["run-1", "4", "B", "!"]
    assert "4 updates from main tried in 12 s; the histories have 5 events" in text
    assert "(3 events were omitted: the stack is not accessed before the next event" in text


def test_what_was_not_tried_is_said() -> None:
    assert "stopped: 7 more updates were not tried" in shown(show_table, replace(SWEPT, left=7))


def test_nothing_to_update_is_said() -> None:
    text = shown(show_table, replace(SWEPT, is_same=True, verdicts=()))
    assert "The stack of main is identical to that of the working tree" in text


def test_violations_have_what_happened_and_the_command() -> None:
    text = shown(show_violations)
    assert "VIOLATION  updated after run-1 4 B\n  it failed\n  What happened" in text
    assert "harness sweep scenarios/x.yaml --update-from main --point 'run-1 4 B'" in text


def test_what_is_the_same_at_several_events_is_told_once() -> None:
    first, second = (verdict("violation", Trial(each), violations=("it failed",)) for each in (FIRST, SECOND))
    text = shown(show_violations, replace(SWEPT, verdicts=(first, second)))
    assert text.count("it failed") == 1
    assert "VIOLATION  updated after run-1 2 A\n           updated after run-1 4 B\n" in text
    assert text.count("harness sweep") == 2


def test_json_has_every_trial(tmp_path: Path) -> None:
    assert write_json(tmp_path / "out.json", SWEPT) == ""
    document = json.loads((tmp_path / "out.json").read_text())
    assert [trial["outcome"] for trial in document["trials"]] == ["same", "violation", "other", "same"]
    assert document["trials"][2]["rolled_back_after"] == "run-1 4 B"
    assert document["trials"][3]["held_back"] == "settings"
    assert document["trials"][3]["held_back_until"] == "run-1 4 B"
    assert document["trials"][3]["rolled_back_after"] is None
