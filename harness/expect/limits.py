"""Always checked: the observed behaviour is within AWS's quotas."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.model import Mismatch
from harness.expect.permissions import noted
from harness.limits.check import check
from harness.limits.table import Measure
from harness.notes import Note
from harness.observe.model import Observation
from harness.scenario.model import Scenario


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """Yield a mismatch for each exceeded limit that the project does not accept."""
    fine = {entry.limit for entry in observation.access.accepted}
    for exceeded in check(observation):
        limit = exceeded.limit
        if limit.id in fine:
            continue
        yield Mismatch(
            "limits",
            scenario.position("stack"),
            f"AWS would refuse this: {exceeded.subject}: {_amount(exceeded)} ({limit.source})",
            expected=f"{limit.what}: at most {limit.most:,} {limit.unit}",
            seen=f"{exceeded.amount:,} {limit.unit}",
            subject=exceeded.subject,
        )


def accepted(observation: Observation) -> Iterator[Note]:
    """Yield a note for each settings entry that accepts an exceeded limit."""
    entries = [entry for entry in observation.access.accepted if entry.limit]
    found = {exceeded.limit.id for exceeded in check(observation)} if entries else set()
    yield from (noted(entry) for entry in entries if entry.limit in found)


def _amount(exceeded: Measure) -> str:
    limit = exceeded.limit
    most = f"at most {limit.most:,} {limit.unit}" if limit.most else f"no {limit.unit}"
    return f"{limit.what} may have {most}, this has {exceeded.amount:,}"
