"""The capabilities that a scenario needs of its engine."""

from __future__ import annotations

from harness.engine.base import Capability
from harness.expect.compare import expectations
from harness.scenario.model import Scenario

UPLOADED_BYTES = 64 * 1024 * 1024
"""Objects of a declared size are uploaded as zeros where an engine has no others, up to this many bytes."""


def needs(scenario: Scenario) -> frozenset[Capability]:
    """The capabilities without which the scenario is skipped."""
    found = set()
    for fault in scenario.faults:
        if fault.target != "task":
            found.add(Capability.FAULTS)
        if fault.target == "task" or fault.state:
            found.add(Capability.TASK_FAULTS)
    for expectation in expectations(scenario):
        if expectation.is_asked(scenario):
            found |= expectation.needs
    if scenario.durations or scenario.clock == "virtual":
        found.add(Capability.VIRTUAL_CLOCK)
    if scenario.seed.declared_bytes > UPLOADED_BYTES:
        found.add(Capability.DECLARED_SIZES)
    return frozenset(found)
