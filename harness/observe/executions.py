"""Reads the started executions and their child executions, with histories."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.engine.base import Capability, Engine
from harness.engine.clients import Clients
from harness.execute import Started
from harness.json_types import Json
from harness.observe.model import Execution, HistoryEvent, Run, parsed

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

_PAGE_SIZE = 1000  # the maximum of GetExecutionHistory
INTEGRATION_ARN = re.compile(r"^arn:[\w-]+:states:[\w-]*:\d*:(.+):([^:]+)$")
FUNCTION_ARN = re.compile(r"^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:.+$")
EXECUTION_ARN = re.compile(
    r"^arn:[\w-]+:states:[\w-]+:\d{12}:(?:execution:[^:]+:[^:]+|express:[^:]+:[^:]+:[^:]+)$"
)
_EXPRESS = ":express:"


def runs(engine: Engine, clients: Clients, started: tuple[Started, ...]) -> tuple[Run, ...]:
    """Return the runs with all child executions that appear in their histories, including executions of
    deleted machines.
    """
    return tuple(_run(engine, clients.stepfunctions, s) for s in started)


def _run(engine: Engine, states: SFNClient, started: Started) -> Run:
    execution = _found(engine, states, started.execution_arn)
    if execution is None:
        raise LookupError(f"execution {started.execution_arn} not found in the engine")
    seen = {execution.arn}
    children: list[Execution] = []
    waiting = deque([execution])
    while waiting:
        for arn in _named_executions(waiting.popleft()):
            if arn in seen:
                continue
            seen.add(arn)
            child = _found(engine, states, arn)
            if child is not None:  # otherwise, a history mentions it, but it was never started
                children.append(child)
                waiting.append(child)
    return Run(started.name, execution, tuple(children))


def _found(engine: Engine, states: SFNClient, arn: str) -> Execution | None:
    if _EXPRESS not in arn:
        try:
            return read(states, arn)
        except states.exceptions.ExecutionDoesNotExist:
            return None
    if Capability.EXPRESS not in engine.capabilities:
        return None
    told = engine.express_execution(arn)
    return None if told is None else read_express(told)


def read_express(told: Mapping[str, Any]) -> Execution:
    """Return an Express execution from the data of `Engine.express_execution`."""
    moments = {name: _moment(told[name]) for name in ("startDate", "stopDate") if name in told}
    events = tuple(_event({**e, "timestamp": _moment(e["timestamp"])}) for e in told["events"])
    return _execution(told["executionArn"], {**told, **moments}, events)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def read(states: SFNClient, arn: str) -> Execution:
    """Read one execution. Raises the client's ExecutionDoesNotExist."""
    described = states.describe_execution(executionArn=arn)
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": _PAGE_SIZE}
    )
    events = tuple(_event(e) for page in pages for e in page["events"])
    return _execution(arn, described, events)


def _execution(arn: str, described: Mapping[str, Any], events: tuple[HistoryEvent, ...]) -> Execution:
    return Execution(
        arn=arn,
        name=described["name"],
        machine_arn=described["stateMachineArn"],
        machine_name=described["stateMachineArn"].rsplit(":", 1)[-1],
        status=described["status"],
        started_at=described["startDate"],
        stopped_at=described.get("stopDate"),
        input=described.get("input", "{}"),
        output=described.get("output"),
        error=described.get("error"),
        cause=described.get("cause"),
        events=events,
        role_arn=events[0].text("roleArn") if events else "",
    )


def _event(event: HistoryEventTypeDef | Mapping[str, Any]) -> HistoryEvent:
    details: Mapping[str, Json] = next(
        (v for k, v in event.items() if k.endswith("EventDetails") and isinstance(v, dict)), {}
    )
    return HistoryEvent(
        id=event["id"],
        previous_event_id=event.get("previousEventId", 0),
        type=event["type"],
        timestamp=event["timestamp"],
        details=_as_on_aws(details),
    )


def _as_on_aws(details: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return a task's details in AWS's format. Engines such as MiniStack identify the task by its ARN."""
    resource = str(details.get("resource", ""))
    if "resourceType" not in details:  # not a task event, or AWS's own LambdaFunctionScheduled
        return details
    if integration := INTEGRATION_ARN.match(resource):
        return {**details, "resourceType": integration[1], "resource": integration[2]}
    if FUNCTION_ARN.match(resource):
        call = json.dumps({"FunctionName": resource})
        return {**details, "resourceType": "lambda", "resource": "invoke", "parameters": call}
    return details


def _named_executions(execution: Execution) -> Iterator[str]:
    for event in execution.events:
        for text in (event.text("output"), event.text("input")):
            if ":execution:" in text or _EXPRESS in text:
                yield from _execution_arns(parsed(text))


def _execution_arns(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _execution_arns(member)
    elif isinstance(value, list):
        for member in value:
            yield from _execution_arns(member)
    elif isinstance(value, str) and EXECUTION_ARN.match(value) and not _is_item(value):
        yield value


def _is_item(arn: str) -> bool:
    """Return whether an execution is a child execution of a distributed Map in the other execution."""
    return "/" in arn.split(":")[6]
