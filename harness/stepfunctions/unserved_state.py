"""A state that the harness does not support. Passed between processes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class UnservedState:
    """A machine's reachable state that is not supported.

    Attributes:
        what: a Task's Resource, or a part of a Map, e.g. `InputType MANIFEST`.
    """

    state: str
    what: str
