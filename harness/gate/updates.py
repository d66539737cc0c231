"""Updates under way for the gate: the sides of an update from a base, and findings of a sweep of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.gate.base import Base
from harness.gate.finding import Finding, Rule
from harness.scenario.model import Scenario
from harness.settings import Settings, SettingsError, Table, nearest_table, resolve
from harness.sweep.updates.model import Sides, Swept, Verdict
from harness.sweep.updates.show import command
from harness.sweep.updates.sweep import sides_of

VIOLATED: Final = Rule(
    "update-violation", "Something does not hold when the stack is updated while a scenario runs", "0.1"
)


def sides_from(
    base: Base, scenario: Scenario, settings: Settings, options: Mapping[str, str | None]
) -> Sides:
    """The sides of an update from a base, whose files must be there while they are used.

    Where the base has no settings, those of now hold for its files. `options` are those of the command line.

    Raises:
        SettingsError: its settings are wrong.
    """
    table = nearest_table(base.project)
    if table is None or not table.file.is_relative_to(base.folder.resolve()):
        now = nearest_table(settings.root)
        table = Table(base.project / "pyproject.toml", now.entries if now else {})
    try:
        old = resolve(table, {}, options)
    except SettingsError as error:
        raise SettingsError(f"{base.ref}: its settings are wrong: {error}") from error
    return sides_of(scenario, settings, old, base.ref)


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
