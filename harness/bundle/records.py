"""Records: the observations from a scenario as JSON, identical in every run.

A record has complete histories and complete logs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from harness.expect.values import plain
from harness.json_types import JsonObject
from harness.observe.model import Execution, Observation
from harness.report.model import Result
from harness.scenario.position import Position


def record_of(result: Result, cleaned: Callable[[str], str]) -> JsonObject:
    """Return the record of a result; `cleaned` removes machine-specific and secret parts from its text."""
    seen = result.observation
    record = {
        "title": result.scenario.title,
        "outcome": result.outcome,
        "reason": result.reason,
        "mismatches": [{**asdict(each), "where": _where(each.where)} for each in result.mismatches],
        **({} if seen is None else _seen(seen)),
    }
    text = cleaned(json.dumps(record, ensure_ascii=False, default=plain))
    read: JsonObject = json.loads(text)
    return read


def written(record: JsonObject) -> bytes:
    """Return the record as the content of a JSON file."""
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _where(position: Position) -> str:
    """Return a location. A file inside the working directory has a relative path."""
    relative = os.path.relpath(position.path)
    path = os.path.abspath(position.path) if relative.startswith("..") else relative
    return f"{path}:{position.line}:{position.column}"


def _seen(seen: Observation) -> Mapping[str, Any]:
    names = seen.functions
    return {
        "invocations": [
            {**asdict(each), "function": names.get(each.function, each.function)} for each in seen.invocations
        ],
        "runs": [
            {"name": run.name, "executions": [_execution(each) for each in run.executions]}
            for run in seen.runs
        ],
        "calls": [{**asdict(call), "at": call.at.isoformat()} for call in seen.calls],
        "messages": [asdict(message) for message in seen.messages],
        "tables": {name: [dict(item) for item in items] for name, items in seen.tables.items()},
        "machines_left": list(seen.machines_left),
        "requests": [asdict(request) for request in seen.requests],
        "fired": {str(number): times for number, times in seen.fired.items()},
        "left": {
            "objects": {name: bucket and _objects(bucket) for name, bucket in seen.left.buckets.items()},
            "queues": {name: queue and asdict(queue) for name, queue in seen.left.queues.items()},
            "parameters": dict(seen.left.parameters),
            "events": [asdict(event) for event in seen.left.events or ()],
        },
    }


def _objects(bucket: Any) -> list[Mapping[str, object]]:
    return [{"key": each.key, "size_bytes": each.size_bytes} for each in bucket.objects]


def _execution(execution: Execution) -> Mapping[str, object]:
    stopped = execution.stopped_at
    return {
        "machine": execution.machine_name,
        "name": execution.name,
        "executionArn": execution.arn,
        "status": execution.status,
        "startDate": execution.started_at.isoformat(),
        "stopDate": None if stopped is None else stopped.isoformat(),
        "input": execution.input,
        "output": execution.output,
        "error": execution.error,
        "cause": execution.cause,
        "events": [
            {
                "id": event.id,
                "previousEventId": event.previous_event_id,
                "timestamp": event.timestamp.isoformat(),
                "type": event.type,
                **({"details": dict(event.details)} if event.details else {}),
            }
            for event in execution.events
        ],
    }
