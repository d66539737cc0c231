"""Results as JSON for other programs.

    {"version": 2, "engine": "moto",
     "summary": {"passed": 15, "failed": 1, "error": 0, "skipped": 1, "not_run": 0},
     "not_run": [{"title": ..., "file": ..., "reason": "the run was stopped by SIGTERM"}],
     "notes": [{"heading": "not served here", "place": "template.yaml:12", "subject": ..., "text": ...}],
     "results": [
       {"title": ..., "file": ..., "tags": [...], "outcome": "failed",
        "reason": "", "reproduce": "harness run ...",
        "codes": ["States.Timeout", "items"],
        "mismatches": [
          {"expectation": "items", "file": ..., "line": 24, "column": 7, "run": "run-1",
           "subject": "table OrdersTable", "summary": ...,
           "expected": ..., "seen": ..., "remedy": ""}],
        "observation": null or {
          "runs": [{"name": "run-1", "execution": EXECUTION, "children": [EXECUTION, ...]}],
          "tables": {"OrdersTable": [{attribute: value}]},
          "messages": [{"topic": ..., "subject": ..., "body": ...}],
          "machines_left": [...],
          "invocations": [{"function": logical ID, "request_id": ..., "duration_s": 0.2,
                           "init_duration_s": 0.1 or null, "error": "ValueError: ..." or null,
                           "stack_trace": ["src/app.py:41: in handler", ...], "state": "ListObject1",
                           "execution": ARN, "log": ...}],
          "calls": [{"service": "s3", "operation": "ListObjectsV2", "params": {"Bucket": "photos"},
                     "at": "2025-01-01T00:00:00.100000+00:00", "outcome": "succeeded", "status": 200 or null,
                     "error": ... or null, "cause": "", "attempts": 1, "execution": ARN,
                     "state": "ListObjects", "bucket": "photos", "function": logical ID or "",
                     "resource": "", "invokes": logical ID or "", "request_id": ...,
                     "injected": false, "faults": []}],
          "objects": {"Uploads": [{"key": ..., "size_bytes": 57}]},
          "queues": {"Jobs": {"messages": [{"body": ..., "group": "", "attributes": {}}], "hidden": 0}},
          "parameters": {"/app/limit": "5" or null},
          "events": [{"bus": "Bus", "source": ..., "detail_type": ..., "detail": ...,
                      "rules": ["WhenImported"] or null}]}}],
     "real_time": [{"file": ..., "duration_s": 1.3, "timings_s": {"seed": 0.1, ...}}]}

Only `real_time` depends on the computer's clock. It has one entry for each entry in `results`. Everything
else is byte-for-byte identical in every run of the same scenarios from the same folder on the embedded
engine. `not_run` are the scenarios that have no result because the run stopped early. `log` is the output
of the function and its runtime, limited to the last 65,536 characters. Traces and logs refer to the
project's files if the deployed files can be mapped to them.

A call that a state machine made has no `function`. `resource` is the service integration in the state's
Resource, such as `sns:publish`. `invokes` is the function that the call invoked.

With --iam-report, the document also has `iam_report`, described in harness/report/iam.py. An observation has
`objects`, `queues`, `parameters` and `events` if the scenario has expectations about them. EXECUTION is
`{"machine", "name", "status", "error", "cause", "input", "output", "duration_s", "path"}`. `version` changes
when a key is renamed or removed, or its meaning changes.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import get_args

from harness.expect.model import Mismatch
from harness.expect.values import plain
from harness.functions.shared.model import Invocation
from harness.observe.left_model import Left
from harness.observe.model import Execution, Observation
from harness.printable import printable_json
from harness.report.base import FileReport
from harness.report.codes import codes_of_failure
from harness.report.happened import frames
from harness.report.layout import shown_path
from harness.report.model import Outcome, Result
from harness.report.notes import notes_of
from harness.report.printed import log_of
from harness.scenario.model import Scenario

VERSION = 2


class JsonReport(FileReport):
    """All results with their observations."""

    def text(self) -> str:
        """The JSON document."""
        numbers, left = Counter(result.outcome for result in self.results), self.not_run
        document = {
            "version": VERSION,
            "engine": self.engine,
            "summary": {**{each: numbers[each] for each in get_args(Outcome)}, "not_run": len(left)},
            "not_run": [self._not_run(each) for each in left],
            "notes": [asdict(note) for note in notes_of(result.notes for result in self.results)],
            "results": [_result(result) for result in self.results],
            **({} if self.context.iam is None else {"iam_report": self.context.iam.found()}),
            "real_time": [_real_time(result) for result in self.results],
        }
        return printable_json(json.dumps(document, indent=2, ensure_ascii=False, default=plain)) + "\n"

    def _not_run(self, scenario: Scenario) -> dict[str, object]:
        named: dict[str, object] = {"title": scenario.title, "file": shown_path(scenario.path)}
        return {**named, "reason": self.cut_short} if self.cut_short else named


def _result(result: Result) -> dict[str, object]:
    return {
        "title": result.scenario.title,
        "file": shown_path(result.scenario.path),
        "tags": result.scenario.tags,
        "outcome": result.outcome,
        "reason": result.reason,
        "reproduce": result.reproduce,
        "codes": codes_of_failure(result),
        "mismatches": [_mismatch(mismatch) for mismatch in result.mismatches],
        "observation": None if result.observation is None else _observation(result.observation),
    }


def _real_time(result: Result) -> dict[str, object]:
    return {
        "file": shown_path(result.scenario.path),
        "duration_s": round(result.duration_s, 3),
        "timings_s": {stage: round(seconds, 3) for stage, seconds in result.timings_s.items()},
    }


def _mismatch(mismatch: Mismatch) -> dict[str, object]:
    return {
        "expectation": mismatch.expectation,
        "file": shown_path(mismatch.where.path),
        "line": mismatch.where.line,
        "column": mismatch.where.column,
        "run": mismatch.run,
        "subject": mismatch.subject,
        "summary": mismatch.summary,
        "expected": mismatch.expected,
        "seen": mismatch.seen,
        "remedy": mismatch.remedy,
    }


def _observation(observation: Observation) -> dict[str, object]:
    return {
        "runs": [
            {
                "name": run.name,
                "execution": _execution(run.execution),
                "children": [_execution(child) for child in run.children],
            }
            for run in observation.runs
        ],
        "tables": {name: [dict(item) for item in items] for name, items in observation.tables.items()},
        "messages": [{"topic": m.topic, "subject": m.subject, "body": m.body} for m in observation.messages],
        "machines_left": observation.machines_left,
        "invocations": [_invocation(i, observation) for i in observation.invocations],
        "calls": [{**asdict(call), "at": call.at.isoformat()} for call in observation.calls],
        **_left(observation.left),
    }


def _left(left: Left) -> dict[str, object]:
    """Return the parts that the scenario has expectations for, without secrets and object contents."""
    found: dict[str, object] = {
        "objects": {
            name: [{"key": each.key, "size_bytes": each.size_bytes} for each in bucket.objects]
            for name, bucket in left.buckets.items()
            if bucket is not None
        },
        "queues": {name: asdict(queue) for name, queue in left.queues.items() if queue is not None},
        "parameters": left.parameters,
        "events": [asdict(event) for event in left.events or ()],
    }
    return {name: part for name, part in found.items() if part}


def _execution(execution: Execution) -> dict[str, object]:
    stopped = execution.stopped_at
    return {
        "machine": execution.machine_name,
        "name": execution.name,
        "status": execution.status,
        "error": execution.error,
        "cause": execution.cause,
        "input": execution.input,
        "output": execution.output,
        "duration_s": None if stopped is None else (stopped - execution.started_at).total_seconds(),
        "path": execution.path,
    }


def _invocation(invocation: Invocation, observation: Observation) -> dict[str, object]:
    error = invocation.error
    return {
        "function": observation.functions.get(invocation.function, invocation.function),
        "request_id": invocation.request_id,
        "duration_s": invocation.duration_s,
        "init_duration_s": invocation.init_duration_s,
        "error": None if error is None else f"{error.type}: {error.message}",
        "stack_trace": [] if error is None else [text.strip() for text in frames(error.stack_trace)],
        "state": invocation.state,
        "execution": invocation.execution_arn,
        "log": log_of(invocation),
    }
