"""The integrations as the parser sees them: does AWS have a Resource, and does it take the parameters?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from harness.json_types import Json

from ..resource import Resource

Unfit: TypeAlias = Callable[[Json], Sequence[str]]
"""Gives what is wrong with parameters, in AWS's words; empty when a task can be started with them."""


@dataclass(frozen=True, slots=True)
class Integration:
    """An integration that AWS has.

    Attributes:
        unfit_template: for the Parameters of a JSONPath state, or the Arguments of a JSONata state.
        unfit_values: for the parameters of a task that is about to start; it is made of their template.
    """

    unfit_template: Unfit
    unfit_values: Callable[[Json], Unfit]


class Integrations(Protocol):
    """All integrations that AWS has."""

    def find(self, resource: Resource, *, jsonata: bool) -> Integration | None:
        """Return the integration of a Task's Resource, None when AWS does not recognize it.

        Args:
            jsonata: the query language of the state.
        """

    def storage(self, resource: Resource, *, jsonata: bool) -> Integration | None:
        """Return the integration of the Resource of an ItemReader or ResultWriter, None when there is none."""
