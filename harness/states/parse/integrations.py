"""Service integrations as the parser sees them: supported Resources, and checks for their parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from harness.json_types import Json

from ..resource import Resource

Unfit: TypeAlias = Callable[[Json], Sequence[str]]
"""Returns the problems with the parameters, in AWS's words. The result is empty if a task can start with
them.
"""


@dataclass(frozen=True, slots=True)
class Integration:
    """A service integration that AWS supports.

    Attributes:
        unfit_template: checks the Parameters of a JSONPath state, or the Arguments of a JSONata state.
        unfit_values: takes that template and returns the check that runs on the values before a task starts.
    """

    unfit_template: Unfit
    unfit_values: Callable[[Json], Unfit]


class Integrations(Protocol):
    """All service integrations that AWS supports."""

    def find(self, resource: Resource, *, jsonata: bool) -> Integration | None:
        """Return the integration for a Task's Resource, or None if AWS does not support the Resource.

        Args:
            jsonata: the query language of the state.
        """

    def storage(self, resource: Resource, *, jsonata: bool) -> Integration | None:
        """Return the integration for the Resource of an ItemReader or ResultWriter, or None."""
