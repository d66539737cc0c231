"""The invocations of a function by its logical id, for the expectations about functions."""

from __future__ import annotations

from harness.functions.shared.model import Invocation
from harness.observe.model import Observation


def invocations_of(observation: Observation, logical_id: str) -> tuple[Invocation, ...] | None:
    """The function's invocations in the order in which they began; None if the template has no such one."""
    if logical_id not in observation.functions.values():
        return None
    names = observation.functions
    return tuple(i for i in observation.invocations if names.get(i.function) == logical_id)


def unknown(observation: Observation) -> str:
    """The message about a logical id that the template does not have."""
    known = ", ".join(sorted(observation.functions.values())) or "(none)"
    return f"the template has no function of this name; it has: {known}"
