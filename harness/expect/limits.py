"""Always checked: that what happened is within AWS's limits."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.model import Mismatch
from harness.limits.check import check
from harness.limits.table import Measure
from harness.observe.model import Observation
from harness.scenario.model import Scenario


def compare(scenario: Scenario, observation: Observation) -> Iterator[Mismatch]:
    """A mismatch for each limit that something exceeded."""
    for exceeded in check(observation):
        limit = exceeded.limit
        yield Mismatch(
            "limits",
            scenario.position("stack"),
            f"AWS would refuse this: {exceeded.subject}: {_amount(exceeded)} ({limit.source})",
            expected=f"{limit.what}: at most {limit.most:,} {limit.unit}",
            seen=f"{exceeded.amount:,} {limit.unit}",
            subject=exceeded.subject,
        )


def _amount(exceeded: Measure) -> str:
    limit = exceeded.limit
    most = f"at most {limit.most:,} {limit.unit}" if limit.most else f"no {limit.unit}"
    return f"{limit.what} may have {most}, this has {exceeded.amount:,}"
