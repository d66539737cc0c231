"""Stack updates during a run: the two sides of an update from a base, and findings from the sweep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.gate.base import Base
from harness.gate.deployed import NO_OPTIONS, settings_of_base
from harness.gate.finding import Finding, Rule
from harness.scenario.model import Scenario
from harness.settings import Settings
from harness.sweep.updates.model import Sides, Swept, Verdict
from harness.sweep.updates.show import command
from harness.sweep.updates.sweep import sides_of

VIOLATED: Final = Rule(
    "update-violation", "An invariant is violated when the stack is updated during a scenario.", "0.1"
)


def sides_from(
    base: Base, scenario: Scenario, settings: Settings, options: Mapping[str, str | None] = NO_OPTIONS
) -> Sides:
    """Return the two sides of an update from a base. The files in the base must exist while they are used.

    If the base has no settings, the current settings apply to its files. `options` are the command-line
    options.

    Raises:
        BaseError: the settings in the base are invalid.
    """
    return sides_of(scenario, settings, settings_of_base(base, settings.root, options), base.ref)


def findings(swept: Swept) -> Iterator[Finding]:
    """Yield a finding for each kind of violation. Identical violations at several events are one finding."""
    alike: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in swept.violations:
        alike.setdefault(verdict.violations, []).append(verdict)
    for (first, *others), verdicts in alike.items():
        trial = verdicts[0].trial
        more = f" and at {len(verdicts) - 1} more" if len(verdicts) > 1 else ""
        yield Finding(
            VIOLATED,
            f"{swept.scenario}: {trial.label}",
            f"{swept.scenario}: updated from {swept.ref} after {trial.label}{more}: {first}",
            "make the new stack accept the work in progress of the old one, and deploy the rest later; "
            f"to run it again: {command(swept, trial)}",
            details=tuple(others),
        )
