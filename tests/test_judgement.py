"""Runs that did not end in time: the message names the key that extends the time."""

from __future__ import annotations

from report_samples import scenario

from harness.execute import Started
from harness.judgement import unsettled

RUNS = (Started("run-1", "arn:1", 30, True), Started("run-2", "arn:2", 60, True))


def test_what_was_set_off_has_the_time_of_the_longest_run() -> None:
    said = unsettled(RUNS, scenario())
    assert said.startswith(
        "the functions that the executions triggered did not end within 60 s of real time ("
    )
    assert "(raise run.timeout, scenarios/two-buckets.yaml:" in said


def test_a_test_in_python_gives_its_own_time() -> None:
    said = unsettled(RUNS[:1], scenario(path="test_x.py"))
    assert said.endswith("within 30 s of real time (give it a longer timeout_s)")
