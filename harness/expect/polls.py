"""`polls`: the number of Wait states that each run's execution entered."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.base import Entry, PerRun
from harness.expect.model import Mismatch
from harness.expect.wording import off
from harness.observe.model import Observation, Run
from harness.scenario.matcher import Count


def compare(wanted: Count, run: Run, _observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield at most one mismatch: too few or too many polls."""
    seen = sum(event.type == "WaitStateEntered" for event in run.execution.events)
    if seen in wanted:
        return
    limit = wanted.min if wanted.max is None or seen < wanted.min else wanted.max
    yield entry.mismatch(
        f"expected {wanted}, seen {seen} ({off(seen, limit, 'poll')})", str(wanted), str(seen)
    )


EXPECTATION = PerRun(
    key="polls",
    wanted=Count,
    description="Number of Wait states that the execution entered.",
    compare=compare,
)
