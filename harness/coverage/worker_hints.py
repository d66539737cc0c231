"""Finds answers to an activity task that make its state take an edge.

Faults cannot refer to activity tasks, but a scenario can answer them through a worker.
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
    """Return the answer for a Retry, Catch or timeout edge, as a string. `errors` contains the edge's error
    names.
    """
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
