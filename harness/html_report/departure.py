"""The state after which a run left its expected path, although that state itself did not fail."""

from __future__ import annotations

from typing import cast

from harness.expect.path import Step, diverges
from harness.expect.wording import joined
from harness.observe.model import Run
from harness.observe.places import Places
from harness.observe.tasks import track
from harness.report.layout import in_words
from harness.report.model import Result


def departure_in_words(result: Result) -> str:
    """Return `ShipOrder (order.asl.json:44) was followed by TellStaff, expected TellShipped`, or ""."""
    if result.observation is None:
        return ""
    runs = {run.name: run for run in result.observation.runs}
    for mismatch in result.mismatches:
        if (
            mismatch.expectation == "path"
            and mismatch.run in runs
            and (text := _of(result, runs[mismatch.run]))
        ):
            return text
    return ""


def _of(result: Result, run: Run) -> str:
    asked = result.scenario.expected("path", run.name)
    path = run.execution.path
    found = diverges(cast("tuple[Step, ...]", asked[1]), path) if asked is not None else None
    if found is None or not 0 < found.index < len(path):
        return ""
    before = path[found.index - 1]
    if _failed(run, before) or result.observation is None:
        return ""
    at = in_words(Places(result.observation).of_state(run.execution, before))
    wanted = joined(found.expected, "or")
    return f"{before}{at} was followed by {path[found.index]}, expected {wanted}"


def _failed(run: Run, state: str) -> bool:
    """Return whether a state failed in any visit, which explains the next state."""
    visits = (each for each in track(run.execution).visits.values() if each.name == state)
    return any(each.last.type.endswith(("Failed", "TimedOut")) for each in visits)
