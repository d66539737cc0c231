"""Finds out why a distributed Map failed. The Map's own error reports only that too many items failed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from harness.engine.clients import Clients
from harness.observe.executions import read
from harness.observe.model import Execution, Run

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType

_ENDS: Final[tuple[ExecutionStatusType, ...]] = ("FAILED", "TIMED_OUT")


def failed_items(clients: Clients, runs: Iterable[Run]) -> tuple[Execution, ...]:
    """Return one failed item for each failed Map Run, including nested Map Runs."""
    found: list[Execution] = []
    waiting = deque(execution for run in runs for execution in run.executions)
    while waiting:
        for map_run in _failed_runs(waiting.popleft()):
            item = _failed_item(clients.stepfunctions, map_run)
            if item is not None:
                found.append(item)
                waiting.append(item)
    return tuple(found)


def _failed_runs(execution: Execution) -> Iterator[str]:
    """Return the failed Map Runs of an execution. Events link each failure to the start of its Map Run."""
    events = {event.id: event for event in execution.events}
    for event in execution.events:
        if event.type == "MapRunFailed":
            before = events.get(event.previous_event_id)
            while before is not None and before.type != "MapRunStarted":
                before = events.get(before.previous_event_id)
            if before is not None:
                yield before.text("mapRunArn")


def _failed_item(states: SFNClient, map_run: str) -> Execution | None:
    from botocore.exceptions import ClientError  # noqa: PLC0415  (start-up)

    with suppress(ClientError):  # an emulator may not support the operation
        for status in _ENDS:
            page = states.list_executions(mapRunArn=map_run, statusFilter=status, maxResults=1)
            for item in page["executions"]:
                return read(states, item["executionArn"])
    return None
