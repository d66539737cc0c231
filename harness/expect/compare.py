"""Compares all that a scenario expects with all that was observed."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect import EXPECTATIONS, durations, faults, limits, permissions
from harness.expect.base import Entry, PerRun
from harness.expect.model import Mismatch
from harness.observe.model import Observation
from harness.scenario.model import Scenario


def compare(scenario: Scenario, observation: Observation) -> tuple[Mismatch, ...]:
    """All mismatches in the order of the file, then what AWS would refuse; empty if all is as expected."""
    found = [
        *faults.compare(scenario, observation),
        *durations.compare(scenario, observation),
        *_compared(scenario, observation),
    ]
    asked = sorted(found, key=lambda mismatch: mismatch.where)
    return (*asked, *refused(scenario, observation))


def refused(scenario: Scenario, observation: Observation) -> tuple[Mismatch, ...]:
    """What AWS would have refused, whatever the scenario expects."""
    return (*permissions.compare(scenario, observation), *limits.compare(scenario, observation))


def _compared(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    for expectation in EXPECTATIONS:
        if isinstance(expectation, PerRun):
            yield from _per_run(expectation, scenario, observation)
        elif (wanted := getattr(scenario.expect, expectation.key)) is not None:
            yield from expectation.compare(
                wanted, observation, Entry(scenario, expectation.key, ("expect", expectation.key))
            )


def _per_run(expectation: PerRun, scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    seen = {run.name: run for run in observation.runs}
    for spec in scenario.runs:
        if (asked := scenario.expected(expectation.key, spec.name)) is None:
            continue
        path, wanted = asked
        entry = Entry(scenario, expectation.key, path, spec.name)
        if spec.name in seen:
            yield from expectation.compare(wanted, seen[spec.name], observation, entry)
        else:
            yield entry.mismatch("the run was not started")
