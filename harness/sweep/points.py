"""Finds every point that can fail in the run without faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.functions.shared.payloads import bucket_of
from harness.observe.model import Observation, parsed
from harness.sweep.model import Point


def points(base: Observation) -> tuple[Point, ...]:
    """Return the points in the order in which the run reached them. Identical points in several executions
    are merged.
    """
    return tuple(dict.fromkeys(_points(base)))


def _points(base: Observation) -> Iterator[Point]:
    met: Counter[tuple[str, str, str, str]] = Counter()

    def number(execution: str, state: str, target: str, what: str) -> int:
        key = (execution, state, target, what)
        met[key] += 1
        return met[key]

    for call in base.calls:
        if not call.state:
            continue  # not an action by a state machine, for example a call from a test
        if call.function:
            what = f"{call.service}:{call.operation}"
            # Each request counts, and botocore may have sent several.
            first = number(call.execution, call.state, "call", what)
            for _ in range(call.attempts - 1):
                number(call.execution, call.state, "call", what)
            yield Point("call", what, call.function, call.state, first, call.bucket, call.params)
        else:
            count = number(call.execution, call.state, "task", call.resource)
            yield Point("task", call.resource, call.invokes, call.state, count, call.bucket)
    for invocation in base.invocations:
        if invocation.state:
            function = base.functions.get(invocation.function, invocation.function)
            count = number(invocation.execution_arn, invocation.state, "function", function)
            bucket, fails = bucket_of(parsed(invocation.payload)), invocation.error is not None
            yield Point("function", "", function, invocation.state, count, bucket, fails=fails)
