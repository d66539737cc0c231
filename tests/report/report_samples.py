"""Handmade results: a report in which one Lambda function in a Parallel branch failed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.expect.compare import compare
from harness.expect.project import expectations_of
from harness.functions.shared.model import Call, FunctionError, Invocation
from harness.observe.model import Execution, Observation, Run
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.model import Scenario
from harness.settings_reading import load_settings
from harness.testing import a_call, a_history, a_message, an_execution, an_invocation, observed

EXPECTATIONS = expectations_of(load_settings(Path(__file__).parents[2], {}))
FUNCTION = "usage-list-objects"

SCENARIO = """\
title: Two buckets are counted by extension and reported once
tags: [happy]
seed:
  buckets:
    photos:
      objects:
        - {key: a.jpg, size: 2 MiB}
        - {key: b.jpg, size: 2 MiB}
    attic: {}
expect:
  execution: {status: SUCCEEDED}
  aggregates:
    photos: {.jpg: [2, 4 MiB]}
    attic: {}
  messages:
    - {subject: {contains: 2 buckets}}
"""


def scenario(text: str = SCENARIO, path: str = "scenarios/two-buckets.yaml") -> Scenario:
    return parse(text, EXPECTATIONS, Path(path))


def cause(request_id: str = "8f2e") -> str:
    return json.dumps(
        {"errorType": "KeyError", "errorMessage": "'Contents'", "requestId": request_id, "stackTrace": []}
    )


def report_execution() -> Execution:
    """Two branches. In the branch for bucket photos, the function fails twice and no state catches it."""
    attic, photos = '{"bucket": "attic"}', '{"bucket": "photos"}'
    history = (
        a_history(step_s=1)
        .event("ExecutionStarted")
        .enters("Start", "Pass")
        .exits("Start", "Pass")
        .enters("Buckets", "Parallel")
        .event("ParallelStateStarted")
        .enters("ListObject1", input=attic, after=5)
        .enters("ListObject2", input=photos, after=5)
        .schedules(FUNCTION, attic, after=6)
        .schedules(FUNCTION, photos, after=7)
        .fails("KeyError", cause("71aa"))
        .succeeds(after=8)
        .exits("ListObject1")
        .schedules(FUNCTION, photos, after=10)
        .fails("KeyError", cause())
        .event("ExecutionFailed", error="KeyError", cause=cause())
    )
    return an_execution(
        "FAILED", history=history, machine="report-run-1", took_s=2, error="KeyError", cause=cause()
    )


def orchestrator(status: str = "FAILED") -> Execution:
    why = "state ListObject2 failed"
    history = (
        a_history(step_s=1)
        .event("ExecutionStarted")
        .enters("CreateStateMachine")
        .exits("CreateStateMachine")
        .enters("Failed", "Fail")
        .event("ExecutionFailed", error="ReportFailed", cause=why)
    )
    return an_execution(
        status, history=history, machine="Orchestrator", took_s=2, error="ReportFailed", cause=why
    )


def failed_invocation(request_id: str, log: str = "", *made: Call, at_s: float = 9) -> Invocation:
    trace = (
        '  File "/var/task/usage_report/list_objects.py", line 31, in handler\n    return count(event)\n',
        '  File "/var/task/usage_report/list_objects.py", line 44, in count\n'
        '    for item in page["Contents"]:\n',
    )
    return an_invocation(
        FUNCTION,
        *made,
        payload='{"bucket": "photos"}',
        error=FunctionError("KeyError", "'Contents'", trace),
        log=log,
        at_s=at_s,
        duration_s=0.214,
        request_id=request_id,
    )


LOG = "\n".join(
    [
        "START RequestId: 8f2e Version: $LATEST",
        *(f'{{"event": "page", "bucket": "photos", "page": {n}}}' for n in range(1, 15)),
        "[ERROR] KeyError: 'Contents'\rTraceback (most recent call last):\r  File ...",
        '{"timestamp": "2026-01-01", "level": "ERROR", "errorType": "KeyError", "stackTrace": ["..."]}',
        "END RequestId: 8f2e",
        "REPORT RequestId: 8f2e\tDuration: 214 ms",
        '{"time": "2026-01-01", "type": "platform.report", "record": {}}',
    ]
)


def observation() -> Observation:
    refused = replace(
        a_call("s3:ListObjectsV2", "AccessDenied", Bucket="photos"), status=403, injected=True, at_s=0
    )
    return observed(
        Run("run-1", orchestrator(), (report_execution(),)),
        invocations=(
            failed_invocation("71aa"),
            failed_invocation("8f2e", LOG, refused, refused, at_s=13),
        ),
        functions={FUNCTION: "ListObjectsFunction"},
        tables={
            "UsageTable": [
                row("attic", "#status", status="COUNTED", object_count=0, total_bytes=0),
                row("photos", ".jpg", object_count=1, total_bytes=2 * 1024**2),
                row("photos", "#status", status="COUNTED", object_count=1, total_bytes=2 * 1024**2),
            ]
        },
        messages=[a_message("Usage report failed", "run run-1 failed", "ReportTopic")],
    )


def row(bucket: str, extension: str, **attributes: Any) -> dict[str, Any]:
    return {"run_id": "run-1", "bucket_extension": f"{bucket}/{extension}", "bucket": bucket, **attributes}


def failed(text: str = SCENARIO) -> Result:
    played = scenario(text)
    seen = observation()
    return Result(
        scenario=played,
        engine="moto",
        outcome="failed",
        duration_s=1.34,
        mismatches=compare(played, seen),
        observation=seen,
        reproduce="harness run scenarios/two-buckets.yaml --engine moto",
        timings_s={"seed": 0.1, "run": 1.0},
    )
