"""`duration`: how long each run's execution takes, on the run's clock."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.base import Entry, PerRun
from harness.expect.model import Mismatch
from harness.expect.wording import time
from harness.observe.model import Observation, Run
from harness.scenario.matcher import Span


def compare(wanted: Span, run: Run, _observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield at most one mismatch: the execution was too short or too long."""
    execution = run.execution
    if execution.stopped_at is None:
        yield entry.mismatch("the execution has not ended", _limits(wanted), execution.status)
        return
    seen_s = (execution.stopped_at - execution.started_at).total_seconds()
    if seen_s in wanted:
        return
    key = "over" if wanted.over is not None and seen_s <= wanted.over else "under"
    yield entry.at(key).mismatch(
        f"expected {_limits(wanted)}, seen {time(seen_s)}", _limits(wanted), time(seen_s)
    )


def _limits(wanted: Span) -> str:
    limits = (("over", wanted.over), ("under", wanted.under))
    return " and ".join(f"{word} {time(limit)}" for word, limit in limits if limit is not None)


EXPECTATION = PerRun(
    key="duration",
    wanted=Span,
    description="Duration of the execution, on the run's clock.",
    compare=compare,
)
