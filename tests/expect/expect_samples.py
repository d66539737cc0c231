"""Handmade scenarios and observations, as small as a comparison allows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.expect.compare import compare
from harness.expect.project import expectations_of
from harness.observe.model import Execution, Message, Observation
from harness.scenario.load import parse
from harness.settings_reading import load_settings
from harness.testing import a_message, an_execution, observed

EXPECTATIONS = expectations_of(load_settings(Path(__file__).parents[2], {}))
HEAD = """\
title: Two buckets
seed: {buckets: {photos: {}, attic: {}, "b-{n:02}": {count: 12}}}
"""


def row(bucket: str, extension: str, run: str = "run-1", **attributes: Any) -> Mapping[str, Any]:
    return {"run_id": run, "bucket_extension": f"{bucket}/{extension}", **attributes}


def counted(bucket: str, extension: str, count: int, size: int, run: str = "run-1") -> Mapping[str, Any]:
    return row(bucket, extension, run, object_count=count, total_bytes=size)


def seen(*executions: Execution, rows: tuple[Mapping[str, Any], ...] = (), **more: Any) -> Observation:
    return observed(*(executions or (an_execution(),)), tables={"UsageTable": rows}, **more)


def message(subject: str | None, body: str = "", topic: str = "ReportTopic") -> Message:
    return a_message(subject, body, topic)


def mismatches(expect: str, observation: Observation, head: str = HEAD) -> list[str]:
    """`line: expectation: summary` of each mismatch; `expect` is the YAML of expect, indented by 2."""
    scenario = parse(f"{head}expect:\n{expect}", EXPECTATIONS, Path("x.yaml"))
    return [f"{m.where.line}: {m.expectation}: {m.summary}" for m in compare(scenario, observation)]


def pairs(expect: str, observation: Observation) -> list[tuple[str, str]]:
    """The expected and the actual value of each mismatch."""
    scenario = parse(f"{HEAD}expect:\n{expect}", EXPECTATIONS, Path("x.yaml"))
    return [(m.expected, m.seen) for m in compare(scenario, observation)]
