"""Updates under way for the gate: the sides of an update from a base, and findings of a sweep of them."""

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
    "update-violation", "Something does not hold when the stack is updated while a scenario runs.", "0.1"
)


def sides_from(
    base: Base, scenario: Scenario, settings: Settings, options: Mapping[str, str | None] = NO_OPTIONS
) -> Sides:
    """The sides of an update from a base, whose files must be there while they are used.

    Where the base has no settings, those of now hold for its files. `options` are those of the command line.

    Raises:
        BaseError: its settings are wrong.
    """
    return sides_of(scenario, settings, settings_of_base(base, settings.root, options), base.ref)


def findings(swept: Swept) -> Iterator[Finding]:
    """A finding for each kind of violation; what is the same at several events is one."""
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
            "let the new stack take what the old one has under way, and deploy the rest later; to play it "
            f"again: {command(swept, trial)}",
            details=tuple(others),
        )
