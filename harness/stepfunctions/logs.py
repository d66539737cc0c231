"""Execution logs for LoggingConfiguration: one JSON line per event.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeAlias

from harness.json_types import Json, JsonObject
from harness.states import Event, Execution
from harness.stepfunctions import views

_FATAL: Final = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
# https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
_ERROR: Final = _FATAL | {
    "FailStateEntered",
    "LambdaFunctionFailed",
    "LambdaFunctionScheduleFailed",
    "LambdaFunctionStartFailed",
    "LambdaFunctionTimedOut",
    "MapIterationAborted",
    "MapIterationFailed",
    "MapRunAborted",
    "MapRunFailed",
    "MapStateAborted",
    "MapStateFailed",
    "ParallelStateAborted",
    "ParallelStateFailed",
    "TaskFailed",
    "TaskStartFailed",
    "TaskStateAborted",
    "TaskSubmitFailed",
    "TaskTimedOut",
    "WaitStateAborted",
}
_LEVELS: Final = {"ERROR": _ERROR, "FATAL": _FATAL}


class Line(NamedTuple):
    """A log line.

    Attributes:
        group: the log group's ARN, which ends with `:*`.
        moment: seconds since 1970.
    """

    group: str
    stream: str
    moment: float
    text: str


Write: TypeAlias = Callable[[Line], None]


def follow(execution: Execution, configuration: JsonObject, write: Write) -> None:
    """Write all of an execution's events, including future ones, according to its machine's logging
    configuration.

    Args:
        configuration: the machine's loggingConfiguration.
        write: called when an event is recorded; it must not wait.
    """
    level, group = str(configuration.get("level")), _group_of(configuration)
    if level == "OFF" or not group:
        return
    with_data, stream, logged = (
        configuration.get("includeExecutionData") is True,
        _stream_of(execution),
        _LEVELS.get(level),
    )
    history = execution.history

    def log(number: int) -> None:
        event = history.events[number - 1]
        if logged is None or event.type in logged:
            text = _text(execution, event, with_data=with_data)
            write(Line(group, stream, event.time, text))

    noted = history.on_event

    def note(number: int) -> None:
        log(number)
        if noted is not None:
            noted(number)

    for event in history.events:
        log(event.id)
    history.on_event = note


def _text(execution: Execution, event: Event, *, with_data: bool) -> str:
    shown = views.event_view(event, with_data=with_data)
    details = next((value for key, value in shown.items() if key.endswith("EventDetails")), None)
    line: JsonObject = {"id": str(event.id), "type": event.type}
    if details is not None:
        line["details"] = details
    line |= {
        "previous_event_id": str(event.previous),
        "event_timestamp": str(int(event.time * 1000)),
        "execution_arn": execution.arn,
        "redrive_count": "0",
    }
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False)


def _stream_of(execution: Execution) -> str:
    """Return the stream name, which contains the machine's name and the minute in which the execution
    started.
    """
    minute = datetime.fromtimestamp(execution.started_at, UTC).strftime("%Y-%m-%d-%H-%M")
    suffix = zlib.crc32(execution.identity.machine_arn.encode())
    return f"states/{execution.identity.machine_name}/{minute}/{suffix:08x}"


def _group_of(configuration: JsonObject) -> str:
    destinations = configuration.get("destinations")
    first: Json = destinations[0] if isinstance(destinations, list) and destinations else None
    group = first.get("cloudWatchLogsLogGroup") if isinstance(first, dict) else None
    return str(group.get("logGroupArn", "")) if isinstance(group, dict) else ""
