"""Changes in the definitions of state machines that are created during a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.coverage.flat import Shape, shape_of
from harness.gate import definitions
from harness.gate.finding import Finding, Rule
from harness.observe.model import Observation

HANDLING: Final = Rule(
    "behaviour-made-handling",
    "The retries, catches or timeouts of a machine created during a run changed.",
    "0.1",
    "warning",
)
DEFINITION: Final = Rule(
    "behaviour-made-definition",
    "The tasks or transitions of a machine created during a run changed.",
    "0.1",
    "note",
)
_REMEDY: Final = "run the affected scenarios, or accept the finding with a reason"


def compared(before: Observation, after: Observation) -> Iterator[Finding]:
    """Yield the differences between the machines that a scenario created on both sides.

    States whose names differ only in numbers are merged. Machines with identical states are then merged as
    well.
    """
    made = _made(before)
    for title, shape in _made(after).items():
        earlier = made.get(title)
        for change in definitions.changes(earlier.definition, shape.definition) if earlier else ():
            name = f"{title}.{change.state}" if change.state else title
            yield Finding(
                HANDLING if change.kind == "handling" else DEFINITION,
                f"{name}: {change.what}",
                f"the machine {title}, created during a run: {change.state or 'it'} {change.what}",
                _REMEDY,
            )


def _made(seen: Observation) -> Mapping[str, Shape]:
    """Return the shapes of machines that no template declares, by title."""
    found: dict[str, Shape] = {}
    for definition in seen.definitions.values():
        if not definition.name:
            shape = shape_of(definition.text, merged=True)
            found.setdefault(shape.title, shape)
    return found
