"""Record our own executions and replay them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from exported import Answer, execute, history

from harness.histories import RecordedExecution, joined
from harness.histories.forms import found_in
from harness.replay.accepted import Changes
from harness.replay.playing import Replayed, replay
from harness.states import Execution, parse

FILE = Path("history.json")
NO_CHANGES = Changes()


def recorded(execution: Execution) -> RecordedExecution:
    """AWS's description of an execution."""
    found = found_in(FILE, [json.loads(json.dumps(history(execution)))])
    return joined(FILE, [event for _, event in found.events], execution.arn)


def record(definition: dict[str, Any], answer: Answer, **how: Any) -> RecordedExecution:
    """Run an execution, and return AWS's description of it."""
    return recorded(execute(definition, answer, **how))


def replayed(
    execution: RecordedExecution, definition: dict[str, Any], changes: Changes = NO_CHANGES
) -> Replayed:
    """Replay an execution with a definition."""
    return replay(execution, parse(json.dumps(definition), express=execution.express), changes)


def first(execution: RecordedExecution, definition: dict[str, Any]) -> tuple[int, str, str, str, str]:
    """The first difference in a replay."""
    found = replayed(execution, definition).differences[0]
    return found.event, found.state, found.what, found.expected, found.seen
