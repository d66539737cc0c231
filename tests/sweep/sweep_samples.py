"""Observations made by hand, small enough to see what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.expect import BUILT_IN
from harness.functions.model import Call, Invocation
from harness.observe.model import Execution, HistoryEvent, Message, Observation, Run, SeenCall
from harness.report.model import Result
from harness.scenario.load import parse
from harness.sweep.model import Played, Point, Trial, Variant

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:123456789012:execution:machine:run-1"
SCENARIO = parse(
    "title: One run\n"
    "faults: [{call: s3:ListObjectsV2, error: SlowDown}]\n"
    "expect: {execution: {status: SUCCEEDED}}\n",
    BUILT_IN,
)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def execution(status: str = "SUCCEEDED", took_s: float = 10, **changes: Any) -> Execution:
    return replace(
        Execution(
            arn=ARN,
            name="run-1",
            machine_arn=ARN.rpartition(":")[0].replace(":execution:", ":stateMachine:"),
            machine_name="machine",
            status=status,
            started_at=BEGIN,
            stopped_at=at(took_s),
            input="{}",
            output="{}",
            error=None,
            cause=None,
            events=(),
        ),
        **changes,
    )


def attempts(*times: tuple[float, float]) -> tuple[HistoryEvent, ...]:
    """The history of a state whose attempts failed, each with the times of its beginning and end."""
    events = [HistoryEvent(1, 0, "TaskStateEntered", at(0), {"name": "Count"})]
    for begin_s, end_s in times:
        last = len(events)
        events.append(HistoryEvent(last + 1, last, "LambdaFunctionScheduled", at(begin_s), {"resource": "f"}))
        events.append(HistoryEvent(last + 2, last + 1, "LambdaFunctionStarted", at(begin_s), {}))
        events.append(HistoryEvent(last + 3, last + 2, "LambdaFunctionFailed", at(end_s), {"error": "E"}))
    return tuple(events)


def seen(*executions: Execution, **parts: Any) -> Observation:
    runs = tuple(Run(e.name, e) for e in executions or (execution(),))
    return Observation(runs, **{"fired": {0: 1}, **parts})


def call(operation: str, state: str = "Count", function: str = "Counter", **changes: Any) -> SeenCall:
    service, _, name = operation.partition(":")
    return replace(
        SeenCall(service, name, {}, BEGIN, "succeeded", execution=ARN, state=state, function=function),
        **changes,
    )


def invocation(
    *calls: Call, function: str = "counter", state: str = "Count", payload: str = "{}"
) -> Invocation:
    return Invocation(
        "id",
        function,
        payload,
        "null",
        None,
        "",
        BEGIN.timestamp(),
        1.0,
        calls=calls,
        execution_arn=ARN,
        state=state,
    )


def point(what: str = "s3:ListObjectsV2", **changes: Any) -> Point:
    return replace(Point("call", what, "Counter", "Count", 1), **changes)


def played(
    base: Observation | None = None, now: Observation | None = None, result: Mapping[str, Any] | None = None
) -> Played:
    variant = Variant("error", "SlowDown", {"error": "SlowDown"})
    trial = Trial((point(),), (variant,), "once", ({"call": "s3:ListObjectsV2", "error": "SlowDown"},))
    ended = {"outcome": "passed", "observation": now or seen(), **(result or {})}
    return Played(trial, base or seen(), Result(SCENARIO, "moto", duration_s=0.1, **ended))


def message(subject: str, body: str = "") -> Message:
    return Message("Topic", subject, f"{body}\nRun id: run-1\n")
