"""Capabilities that a scenario requires from an engine."""

from __future__ import annotations

from harness.engine.base import Capability
from harness.expect.compare import expectations
from harness.scenario.answers import placed_answers
from harness.scenario.model import Scenario

UPLOADED_BYTES = 64 * 1024 * 1024
"""Maximum size in bytes of objects that are uploaded as zeros if the engine cannot declare sizes."""


def needs_of(scenario: Scenario) -> frozenset[Capability]:
    """Return the capabilities that the engine must have. If one is missing, the scenario is skipped."""
    needs = set()
    for fault in scenario.faults:
        if fault.target != "task":
            needs.add(Capability.FAULTS)
        if fault.target == "task" or fault.state or fault.run or fault.iterations:
            needs.add(Capability.TASK_FAULTS)
    for expectation in expectations(scenario):
        if expectation.is_asked(scenario):
            needs |= expectation.needs
    if any(placed_answers(scenario)):
        needs.add(Capability.ANSWERS)
    if scenario.durations or scenario.clock == "virtual":
        needs.add(Capability.VIRTUAL_CLOCK)
    for call in scenario.calls:
        needs |= {Capability.FAULTS, *([Capability.TASK_FAULTS] if call.state or call.run else [])}
    if scenario.hosts:
        needs.add(Capability.HOSTS)
    for task in scenario.tasks:
        needs.add(Capability.MOCKS if task.only_by_state else Capability.STAND_INS)
    if scenario.seed.declared_bytes > UPLOADED_BYTES:
        needs.add(Capability.DECLARED_SIZES)
    return frozenset(needs)
