"""The changes of the definitions of state machines that runs make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.coverage.flat import Shape, shape_of
from harness.gate import definitions
from harness.gate.finding import Finding, Rule
from harness.observe.model import Observation

HANDLING: Final = Rule(
    "behaviour-made-handling",
    "A state of a machine that a run makes retries, catches or times out in another way.",
    "0.1",
    "warning",
)
DEFINITION: Final = Rule(
    "behaviour-made-definition",
    "A state of a machine that a run makes does something else, or leads somewhere else.",
    "0.1",
    "note",
)
_REMEDY: Final = "play the scenarios that it concerns, or accept the finding with a reason"


def compared(before: Observation, after: Observation) -> Iterator[Finding]:
    """The differences between the machines that a scenario made on both sides.

    States that differ in numbers alone are one, as are machines that have the same states then.
    """
    made = _made(before)
    for title, shape in _made(after).items():
        earlier = made.get(title)
        for change in definitions.changes(earlier.definition, shape.definition) if earlier else ():
            name = f"{title}.{change.state}" if change.state else title
            yield Finding(
                HANDLING if change.kind == "handling" else DEFINITION,
                f"{name}: {change.what}",
                f"the machine {title} that a run makes: {change.state or 'it'} {change.what}",
                _REMEDY,
            )


def _made(seen: Observation) -> Mapping[str, Shape]:
    """The shapes of machines that no template declares, by their titles."""
    found: dict[str, Shape] = {}
    for definition in seen.definitions.values():
        if not definition.name:
            shape = shape_of(definition.text, merged=True)
            found.setdefault(shape.title, shape)
    return found
