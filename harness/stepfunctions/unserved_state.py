"""A state that the harness does not support. Exchanged between processes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class UnservedState:
    """A reachable state of a machine that is not supported.

    Attributes:
        what: the Resource of a Task, or the part of a Map, e.g. `InputType MANIFEST`.
    """

    state: str
    what: str
