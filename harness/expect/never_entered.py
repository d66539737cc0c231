"""`never_entered`: states that no run may enter."""

from __future__ import annotations

from collections.abc import Iterator

from harness.expect.base import Entry, PerRun
from harness.expect.model import Mismatch
from harness.observe.model import Observation, Run

KEY = "never_entered"


def compare(wanted: tuple[str, ...], run: Run, _observation: Observation, entry: Entry) -> Iterator[Mismatch]:
    """Yield a mismatch for each of these states that the run entered."""
    path = run.execution.path
    for index, state in enumerate(wanted):
        if state in path:
            times = path.count(state)
            seen = f"as state {path.index(state) + 1}" + (f", {times} times in total" if times > 1 else "")
            yield entry.at(index).mismatch(
                f"expected never to be entered, seen {seen}", "never entered", f"entered {seen}", state
            )


EXPECTATION = PerRun(
    key=KEY,
    wanted=tuple[str, ...],
    description="States that the run never enters. An unsupported state causes an error before the run "
    "unless it is in this list.",
    compare=compare,
)
