"""Compare executions with the limits, based on their histories."""

from __future__ import annotations

import json
from collections.abc import Iterator

from harness.functions.shared.model import Call
from harness.limits.calls import Known, call_measures, name_measures
from harness.limits.table import BY_ID, Measure, measure, utf8
from harness.observe.model import Execution
from harness.observe.tasks import Task, track
from harness.service_names import boto3_name, lowered

PAYLOADS = ("input", "output", "parameters")
# A string with fewer characters than this cannot have too many bytes.
SHORT = BY_ID["states-payload"].most // 4


def execution_measures(execution: Execution, known: Known, shortest: int = SHORT) -> Iterator[Measure]:
    """Yield measures for names, payloads, events, and the state machine's own service calls.

    State payloads of up to `shortest` characters are skipped.
    """
    machine = f"state machine {execution.machine_name}"
    yield from name_measures(execution.machine_name, machine)
    yield from name_measures(execution.name, f"execution {execution.name} of {machine}")
    yield measure("states-history", f"execution {execution.name} of {machine}", len(execution.events))
    for name in dict.fromkeys(execution.path):
        yield measure("states-state-name", f"state {name} of {machine}", len(name))
    for part, text in (("input", execution.input), ("output", execution.output)):
        yield measure("states-payload", f"the {part} of execution {execution.name} of {machine}", utf8(text))
    seen = track(execution)
    accepted = {task.scheduled.id: task for task in seen.tasks if _is_accepted(task)}
    for event in execution.events:
        visit = seen.visits.get(event.id)
        subject = f"state {visit.name} of {machine}" if visit is not None else f"a state of {machine}"
        for part in PAYLOADS:
            text = event.text(part)
            if len(text) > shortest:
                yield measure("states-payload", f"the {part} of {subject} ({event.type})", utf8(text))
        if event.id in accepted:
            yield from call_measures(_call(accepted[event.id]), subject, known)


def _is_accepted(task: Task) -> bool:
    """Return whether a service call was not rejected by the service."""
    failed = task.ended is not None and task.ended.type == "TaskFailed"
    return task.scheduled.type == "TaskScheduled" and not failed


def _call(task: Task) -> Call:
    service, parameters = boto3_name(task.service), dict(task.params)
    if service == "stepfunctions":  # Step Functions uses capitalized parameter names for its own API
        parameters = {lowered(key): value for key, value in parameters.items()}
    elif isinstance(parameters.get("Payload"), dict | list):
        parameters["Payload"] = json.dumps(parameters["Payload"], ensure_ascii=False)
    if not isinstance(parameters.get("Message", ""), str):
        parameters["Message"] = json.dumps(parameters["Message"], ensure_ascii=False)
    return Call(service, task.operation, parameters, status=None, error=None)
