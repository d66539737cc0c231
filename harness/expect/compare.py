"""Compares all that a scenario expects with all that was observed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.expect import answers, durations, faults, limits, permissions, requests, stand_ins
from harness.expect.base import Expectation
from harness.expect.model import Mismatch
from harness.expect.other_case import in_other_case
from harness.notes import Note
from harness.observe.model import Observation
from harness.scenario.model import Scenario


def compare(scenario: Scenario, observation: Observation) -> tuple[Mismatch, ...]:
    """All mismatches in the order of the file, then what AWS would refuse; empty if all is as expected."""
    found = [
        *faults.compare(scenario, observation),
        *durations.compare(scenario, observation),
        *answers.compare(scenario, observation),
        *stand_ins.compare(scenario, observation),
        *stand_ins.compare_calls(scenario, observation),
        *requests.compare_hosts(scenario, observation),
        *_compared(scenario, observation),
    ]
    asked = sorted(found, key=lambda mismatch: mismatch.where)
    return (*in_other_case(asked), *refused(scenario, observation))


def unused(scenario: Scenario, observation: Observation) -> tuple[Mismatch, ...]:
    """Every answer that was not given as it is written."""
    return tuple(answers.compare(scenario, observation))


def refused(scenario: Scenario, observation: Observation) -> tuple[Mismatch, ...]:
    """Everything that AWS would have refused, whatever the scenario expects."""
    return (*permissions.compare(scenario, observation), *limits.compare(scenario, observation))


def accepted(observation: Observation) -> tuple[Note, ...]:
    """The findings that the project accepts, a note for each entry of its settings that was used."""
    return (*permissions.accepted(observation), *limits.accepted(observation))


def expectations(scenario: Scenario) -> Iterator[Expectation[Any]]:
    """The expectations that the scenario was read with."""
    for declared in scenario.expectations:
        assert isinstance(declared, Expectation), f"{declared.key} was declared for reading only"
        yield declared


def _compared(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    for expectation in expectations(scenario):
        yield from expectation.mismatches(scenario, observation)
