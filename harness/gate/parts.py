"""The gate parts in order. The most valuable parts come first, because the budget may run out early."""

from __future__ import annotations

from typing import Final

from harness.gate.accepting import ACCEPTED
from harness.gate.checking import LINT, VALIDATE
from harness.gate.compared import ACCESS, ACCESS_IN_USE, DATA_LOSS, DECLARED
from harness.gate.covering import COVERAGE
from harness.gate.finding import Rule
from harness.gate.part import Part
from harness.gate.playing import MADE_DEFINITIONS, SCENARIOS
from harness.gate.replaying import HISTORIES
from harness.gate.sweeping import SWEEP
from harness.gate.under_way import BEHAVIOUR, UPDATES

PARTS: Final[tuple[Part, ...]] = (
    VALIDATE,
    DATA_LOSS,
    ACCESS,
    DECLARED,
    LINT,
    HISTORIES,
    SCENARIOS,
    MADE_DEFINITIONS,
    ACCESS_IN_USE,
    COVERAGE,
    BEHAVIOUR,
    UPDATES,
    SWEEP,
)
LAST: Final = ACCEPTED
"""The part that checks the other parts' findings. It ignores the budget."""


def rules() -> tuple[Rule, ...]:
    """Return the rules of all parts by ID.

    Raises:
        ValueError: two rules have the same ID.
    """
    found = {rule.id: rule for part in (*PARTS, LAST) for rule in part.rules}
    if len(found) < sum(len(part.rules) for part in (*PARTS, LAST)):
        raise ValueError("two gate rules have the same ID")
    return tuple(found[name] for name in sorted(found))
