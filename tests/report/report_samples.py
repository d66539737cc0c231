"""Results made by hand: a report in which one Lambda of a Parallel's branch failed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harness.expect.compare import compare
from harness.expect.project import expectations_of
from harness.functions.model import Call, FunctionError, Invocation
from harness.observe.calls import calls
from harness.observe.model import Execution, HistoryEvent, Message, Observation, Run
from harness.report.model import Result
from harness.scenario.load import parse
from harness.scenario.model import Scenario
from harness.settings import load_settings

EXPECTATIONS = expectations_of(load_settings(Path(__file__).parents[2], {}))
BEGAN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:usage-list-objects"

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


def event(number: int, previous: int, kind: str, **details: Any) -> HistoryEvent:
    return HistoryEvent(number, previous, kind, BEGAN + timedelta(seconds=number), details)


def execution(name: str, machine: str, status: str, *events: HistoryEvent, **more: Any) -> Execution:
    return Execution(
        arn=f"arn:aws:states:eu-west-1:123456789012:execution:{machine}:{name}",
        name=name,
        machine_arn=f"arn:aws:states:eu-west-1:123456789012:stateMachine:{machine}",
        machine_name=machine,
        status=status,
        started_at=BEGAN,
        stopped_at=BEGAN + timedelta(seconds=2),
        input="{}",
        output=None,
        error=more.get("error"),
        cause=more.get("cause"),
        events=events,
    )


def cause(request_id: str = "8f2e") -> str:
    return json.dumps(
        {"errorType": "KeyError", "errorMessage": "'Contents'", "requestId": request_id, "stackTrace": []}
    )


def report_execution() -> Execution:
    """Two branches; in the one of bucket photos the function fails twice and nothing catches it."""
    return execution(
        "run-1",
        "report-run-1",
        "FAILED",
        event(1, 0, "ExecutionStarted"),
        event(2, 1, "PassStateEntered", name="Start", input="{}"),
        event(3, 2, "PassStateExited", name="Start"),
        event(4, 3, "ParallelStateEntered", name="Buckets", input="{}"),
        event(5, 4, "ParallelStateStarted"),
        event(6, 5, "TaskStateEntered", name="ListObject1", input='{"bucket": "attic"}'),
        event(7, 5, "TaskStateEntered", name="ListObject2", input='{"bucket": "photos"}'),
        event(8, 6, "LambdaFunctionScheduled", resource=FUNCTION, input='{"bucket": "attic"}'),
        event(9, 7, "LambdaFunctionScheduled", resource=FUNCTION, input='{"bucket": "photos"}'),
        event(10, 9, "LambdaFunctionFailed", error="KeyError", cause=cause("71aa")),
        event(11, 8, "LambdaFunctionSucceeded", output="{}"),
        event(12, 11, "TaskStateExited", name="ListObject1"),
        event(13, 10, "LambdaFunctionScheduled", resource=FUNCTION, input='{"bucket": "photos"}'),
        event(14, 13, "LambdaFunctionFailed", error="KeyError", cause=cause()),
        event(15, 14, "ExecutionFailed", error="KeyError", cause=cause()),
        error="KeyError",
        cause=cause(),
    )


def orchestrator(status: str = "FAILED") -> Execution:
    return execution(
        "run-1",
        "Orchestrator",
        status,
        event(1, 0, "ExecutionStarted"),
        event(2, 1, "TaskStateEntered", name="CreateStateMachine", input="{}"),
        event(3, 2, "TaskStateExited", name="CreateStateMachine"),
        event(4, 3, "FailStateEntered", name="Failed", input="{}"),
        event(5, 4, "ExecutionFailed", error="ReportFailed", cause="state ListObject2 failed"),
        error="ReportFailed",
        cause="state ListObject2 failed",
    )


def invocation(
    request_id: str, log: str = "", *made: Call, failed: bool = True, at_s: float = 9
) -> Invocation:
    trace = (
        '  File "/var/task/usage_report/list_objects.py", line 31, in handler\n    return count(event)\n',
        '  File "/var/task/usage_report/list_objects.py", line 44, in count\n'
        '    for item in page["Contents"]:\n',
    )
    return Invocation(
        request_id=request_id,
        function="usage-list-objects",
        payload='{"bucket": "photos"}',
        result="{}",
        error=FunctionError("KeyError", "'Contents'", trace) if failed else None,
        log=log,
        started_at=BEGAN.timestamp() + at_s,
        duration_s=0.214,
        calls=made,
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
    refused = Call("s3", "ListObjectsV2", {"Bucket": "photos"}, 403, "AccessDenied", injected=True)
    runs = (Run("run-1", orchestrator(), (report_execution(),)),)
    invocations = (invocation("71aa"), invocation("8f2e", LOG, refused, refused, at_s=13))
    functions = {"usage-list-objects": "ListObjectsFunction"}
    return Observation(
        runs=runs,
        tables={
            "UsageTable": (
                row("attic", "#status", status="COUNTED", object_count=0, total_bytes=0),
                row("photos", ".jpg", object_count=1, total_bytes=2 * 1024**2),
                row("photos", "#status", status="COUNTED", object_count=1, total_bytes=2 * 1024**2),
            )
        },
        messages=(Message("ReportTopic", "Usage report failed", "run run-1 failed"),),
        invocations=invocations,
        functions=functions,
        calls=calls(runs, invocations, functions),
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
