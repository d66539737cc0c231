"""Observations made by hand, small enough to see what is in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.expect import BUILT_IN
from harness.observe.model import Execution, Message, Observation
from harness.scenario.load import parse
from harness.sweep.model import Point
from harness.testing import History, a_history, a_message, an_execution, observed

SCENARIO = parse(
    "title: One run\n"
    "faults: [{call: s3:ListObjectsV2, error: SlowDown}]\n"
    "expect: {execution: {status: SUCCEEDED}}\n",
    BUILT_IN,
)


def attempts(*times: tuple[float, float]) -> History:
    """The history of a state whose attempts failed, each with the times of its beginning and end."""
    history = a_history().enters("Count")
    for begin_s, end_s in times:
        history.schedules("counter", at_s=begin_s).event("LambdaFunctionStarted", at_s=begin_s)
        history.event("LambdaFunctionFailed", at_s=end_s, error="E")
    return history


def seen(*executions: Execution, **parts: Any) -> Observation:
    return observed(*(executions or (an_execution(),)), **{"fired": {0: 1}, "calls": (), **parts})


def point(what: str = "s3:ListObjectsV2", **changes: Any) -> Point:
    return replace(Point("call", what, "Counter", "Count", 1), **changes)


def message(subject: str, body: str = "") -> Message:
    return a_message(subject, f"{body}\nRun id: run-1\n")
