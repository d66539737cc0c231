"""A function's invocations by its logical ID, for expectations about functions."""

from __future__ import annotations

from harness.functions.shared.model import Invocation
from harness.observe.model import Observation


def invocations_of(observation: Observation, logical_id: str) -> tuple[Invocation, ...] | None:
    """Return the function's invocations in start order; None if the function is not in the template."""
    if logical_id not in observation.functions.values():
        return None
    names = observation.functions
    return tuple(i for i in observation.invocations if names.get(i.function) == logical_id)


def unknown(observation: Observation) -> str:
    """Return the message for a logical ID that is not in the template."""
    known = ", ".join(sorted(observation.functions.values())) or "(none)"
    return f"the template has no function of this name; it has: {known}"
