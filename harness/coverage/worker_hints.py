"""Answers that make an activity task take an edge.

Faults cannot name the task, but a scenario's worker can.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from harness.coverage.edges import Edge
from harness.coverage.flat import FlatState
from harness.states.errors import ALL, HEARTBEAT_TIMEOUT, TASK_FAILED, TIMEOUT


def is_activity(state: FlatState) -> bool:
    """Return whether a state's task is an activity."""
    return ":activity:" in str(state.fields.get("Resource"))


def worker_hint(state: FlatState, edge: Edge, errors: Sequence[str] = ()) -> str:
    """Return a string with the answer for a Retry, Catch or timeout edge. `errors` are its names."""
    beat = state.fields.get("HeartbeatSeconds")
    which = "nth: 1, " if edge.kind == "retried" else ""
    times_out = edge.kind in ("timeout", "heartbeat") or {*errors} & {TIMEOUT, HEARTBEAT_TIMEOUT}
    if edge.kind == "timeout" and isinstance(beat, int):
        does = f"heartbeats: {beat / 2:g} s"
    elif times_out:
        does = "worker: silent"
    else:
        named = next((name for name in errors if name not in (ALL, TASK_FAILED)), "Refused")
        does = f"error: {json.dumps(named, ensure_ascii=False)}"
    answer = f"{{state: {json.dumps(state.raw, ensure_ascii=False)}, {which}{does}}}"
    return f"a worker completes the task of {state.raw}: add this first under `answers`: - {answer}"
