"""Compare all of a scenario's expectations with the observation."""

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
    """Return all mismatches in file order, followed by the actions that AWS would deny. Empty if there are
    none.
    """
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
    """Yield a mismatch for each answer that was not sent as written."""
    return tuple(answers.compare(scenario, observation))


def refused(scenario: Scenario, observation: Observation) -> tuple[Mismatch, ...]:
    """Yield a mismatch for each action that AWS would deny, regardless of the expectations."""
    return (*permissions.compare(scenario, observation), *limits.compare(scenario, observation))


def accepted(observation: Observation) -> tuple[Note, ...]:
    """Yield a note for each settings entry that accepts a finding."""
    return (*permissions.accepted(observation), *limits.accepted(observation))


def expectations(scenario: Scenario) -> Iterator[Expectation[Any]]:
    """Return the expectations that the scenario was read with."""
    for declared in scenario.expectations:
        assert isinstance(declared, Expectation), f"{declared.key} was declared as read-only"
        yield declared


def _compared(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    for expectation in expectations(scenario):
        yield from expectation.mismatches(scenario, observation)
