"""A scenario's stacks, and the data for updating deployed stacks to match them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from harness.engine.clients import Clients
from harness.planned import Planned
from harness.scenario.model import Scenario
from harness.settings import Settings
from harness.stack.joined import update_all
from harness.stack.model import Stack
from harness.stack.naming import Naming, naming_of
from harness.stack.packaging import Code
from harness.stack.template_choice import always_answered, default_machine


@dataclass(frozen=True)
class Plan:
    """Stacks in order, with the names of their resources and their code."""

    planned: tuple[Planned, ...]
    naming: Naming
    code: Code

    @classmethod
    def of(cls, planned: tuple[Planned, ...], scenario: Scenario, settings: Settings, engine: str) -> Self:
        """Return the stacks `planned` for a scenario on the engine with this name; see `stacks_of`."""
        naming = naming_of(scenario, planned, default_machine(planned, settings))
        return cls(planned, naming, Code.of(settings, engine, always_answered(scenario)))

    def update(self, clients: Clients, before: Sequence[Planned]) -> Stack:
        """Update the deployed stacks to match these; see `update_all`."""
        return update_all(clients, before, self.planned, self.naming, self.code)
