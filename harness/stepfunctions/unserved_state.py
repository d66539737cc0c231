"""A state that the harness does not serve, as a value that processes exchange."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class UnservedState:
    """A state that a machine may come to, and that is not served.

    Attributes:
        what: the Resource of a Task, or the part of a Map, e.g. `InputType MANIFEST`.
    """

    state: str
    what: str
