"""Scenarios and observations made by hand, as small as a comparison needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.expect.compare import compare
from harness.expect.project import expectations_of
from harness.functions.model import FunctionError, Invocation
from harness.observe.model import Execution, HistoryEvent, Message, Observation, Run
from harness.scenario.load import parse
from harness.settings import load_settings

EXPECTATIONS = expectations_of(load_settings(Path(__file__).parents[2], {}))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = """\
title: Two buckets
seed: {buckets: {photos: {}, attic: {}, "b-{n:02}": {count: 12}}}
"""


def ended(status: str = "SUCCEEDED", *path: str, name: str = "run-1", **more: Any) -> Run:
    events = tuple(
        HistoryEvent(n, n - 1, "TaskStateEntered", NOW, {"name": state, "input": "{}"})
        for n, state in enumerate(path, start=1)
    )
    arn = f"arn:aws:states:eu-west-1:123456789012:execution:M:{name}"
    execution = Execution(
        arn,
        name,
        "arn:aws:states:eu-west-1:123456789012:stateMachine:M",
        "M",
        status,
        NOW,
        NOW,
        "{}",
        more.get("output"),
        more.get("error"),
        more.get("cause"),
        more.get("events", events),
        more.get("role_arn", ""),
    )
    return Run(name, execution)


def row(bucket: str, extension: str, run: str = "run-1", **attributes: Any) -> Mapping[str, Any]:
    return {"run_id": run, "bucket_extension": f"{bucket}/{extension}", **attributes}


def counted(bucket: str, extension: str, count: int, size: int, run: str = "run-1") -> Mapping[str, Any]:
    return row(bucket, extension, run, object_count=count, total_bytes=size)


def seen(*runs: Run, rows: tuple[Mapping[str, Any], ...] = (), **more: Any) -> Observation:
    return Observation(runs=runs or (ended(),), tables={"UsageTable": rows}, **more)


def message(subject: str | None, body: str = "", topic: str = "ReportTopic") -> Message:
    return Message(topic, subject, body)


def invoked(function: str, log: str = "", failed: bool = False) -> Invocation:
    error = FunctionError("ValueError", "no") if failed else None
    return Invocation("id", function, "{}", "{}", error, log, 0.0, 0.1)


def mismatches(expect: str, observation: Observation, head: str = HEAD) -> list[str]:
    """`line: expectation: summary` of each mismatch; `expect` is the YAML of expect, indented by 2."""
    scenario = parse(f"{head}expect:\n{expect}", EXPECTATIONS, Path("x.yaml"))
    return [f"{m.where.line}: {m.expectation}: {m.summary}" for m in compare(scenario, observation)]


def pairs(expect: str, observation: Observation) -> list[tuple[str, str]]:
    """What each mismatch expected and saw."""
    scenario = parse(f"{HEAD}expect:\n{expect}", EXPECTATIONS, Path("x.yaml"))
    return [(m.expected, m.seen) for m in compare(scenario, observation)]
