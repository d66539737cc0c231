"""How long tasks take on the virtual clock: the one place where that is decided."""

from __future__ import annotations

from harness.states import TaskRequest
from harness.states.ports import DEFAULT_DURATION_S


def duration_of(_request: TaskRequest) -> float:
    """The shortest time that a task takes, in seconds; a function that sleeps takes longer."""
    return DEFAULT_DURATION_S
