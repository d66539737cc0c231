"""Lists the states and functions that wrote data, which are the places to check when nothing has failed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich.text import Text

from harness.observe.model import Execution, SeenCall
from harness.observe.places import Places
from harness.report.layout import QUIET, STRONG, in_words, line, prose
from harness.report.model import Result

NAMED: Final = 8
"""Maximum number of lines in the section."""
ABOUT_THE_WAY: Final = frozenset(
    {
        "calls",
        "duration",
        "execution",
        "invocations",
        "limits",
        "logs",
        "never_entered",
        "path",
        "permissions",
    }
)
"""Expectations that are not about written data."""
_READS = re.compile(r"(BatchGet|Count|Describe|Detect|Get|Head|List|Query|Receive|Scan|Search|Select|Wait)")
_OF_STEP_FUNCTIONS = ("states", "sfn", "stepfunctions", "lambda")


def written(result: Result) -> Iterator[Text]:
    """Yield the calls that wrote data, by state and function; yield nothing if no mismatch is about written
    data.
    """
    seen = result.observation
    if seen is None or all(each.expectation in ABOUT_THE_WAY for each in result.mismatches):
        return
    executions = {each.arn: each for run in seen.runs for each in run.executions}
    times = Counter(_of(call) for call in seen.calls if _writes(call))
    if not times:
        return
    yield line()
    yield line("What was written", STRONG)
    places = Places(seen)
    for (execution, state, function, operation), number in list(times.items())[:NAMED]:
        by = _by(executions.get(execution), state, function, places)
        yield prose(f"{by}: {operation}" + (f" {number} times" if number > 1 else ""), indent=2)
    if len(times) > NAMED:
        yield line(f"… {len(times) - NAMED} more (-v shows all calls)", QUIET, 2)


def _of(call: SeenCall) -> tuple[str, str, str, str]:
    """Return the caller and the operation. Similar states, as in branches, are counted separately."""
    return call.execution, call.state, call.function, f"{call.service}:{call.operation}"


def _writes(call: SeenCall) -> bool:
    return (
        call.error is None
        and call.service not in _OF_STEP_FUNCTIONS
        and not call.invokes
        and _READS.match(call.operation) is None
    )


def _by(execution: Execution | None, state: str, function: str, places: Places) -> str:
    parts = []
    if state:
        parts.append(f"state {state}{in_words(places.of_state(execution, state))}")
    if function:
        parts.append(f"{function}{in_words(places.of_handler(function))}")
    return ", ".join(parts) or "unknown caller"
